"""The shipped fonts: what each draws, and that their licences travel with them."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

import resources

FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf", "YikatongFallback.ttf")
TEXT, FALLBACK = FONTS[0], FONTS[2]


@cache
def drawn(font: str) -> frozenset[int]:
    with TTFont(resources.path("fonts", font), lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def test_the_folder_holds_these_fonts_and_their_licences() -> None:
    files = {file.name for file in resources.path("fonts").iterdir()}
    assert files == {*FONTS, "OFL-NotoSansSC.txt", "OFL-YikatongFallback.txt"}
    for licence in ("OFL-NotoSansSC.txt", "OFL-YikatongFallback.txt"):
        assert "SIL OPEN FONT LICENSE" in resources.path("fonts", licence).read_text(encoding="utf-8")


@pytest.mark.parametrize("code_point", [0x3400, 0x4E00, 0x9FEF, 0x20BB7, 0x2A700, 0x2B740, 0x2B820, 0x2CEB0, 0x2F801])
def test_an_ideograph_is_in_exactly_one_of_text_font_and_fallback(code_point: int) -> None:
    assert (code_point in drawn(TEXT)) != (code_point in drawn(FALLBACK))


def test_the_fallback_repeats_nothing_of_the_text_font() -> None:
    assert not drawn(TEXT) & drawn(FALLBACK)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("A", 0x3400, 0x4DB5),
        ("URO", 0x4E00, 0x9FEF),
        ("B", 0x20000, 0x2A6D6),
        ("C", 0x2A700, 0x2B734),
        ("D", 0x2B740, 0x2B81D),
        ("E", 0x2B820, 0x2CEA1),
        ("F", 0x2CEB0, 0x2EBE0),
    ],
)
def test_every_ideograph_of_gb_18030_level_3_is_drawn(name: str, first: int, last: int) -> None:
    lacking = set(range(first, last + 1)) - drawn(TEXT) - drawn(FALLBACK)
    assert not lacking, f"{name}: {len(lacking)} lacking"


def test_digits_and_letters_are_in_both_weights() -> None:
    wanted = {ord(character) for character in "0123456789Xx*—·，。（）ABCabc"}
    assert wanted <= drawn("NotoSansSC-Regular.ttf") & drawn("NotoSansSC-Bold.ttf")


def test_no_font_of_ours_bears_a_reserved_name() -> None:
    with TTFont(resources.path("fonts", FALLBACK), lazy=True) as font:
        names = {str(record) for record in font["name"].names}
    assert "Yikatong Fallback" in names
    assert not [name for name in names if "hana" in name.lower() or "花園" in name]


def test_the_fallback_is_what_its_script_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The script on a small source: the ideographs that the text font lacks, and nothing else."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "installer"))
    import fallback_font

    source = resources.path("fonts", "NotoSansSC-Bold.ttf")
    monkeypatch.setattr(fallback_font, "IDEOGRAPHS", ((0x20000, 0x2A6DF),))
    made = tmp_path / "made.ttf"
    count = fallback_font.build(resources.path("fonts", FALLBACK), (source,), made)
    sys.modules.pop("fallback_font")
    wanted = {point for point in drawn("NotoSansSC-Bold.ttf") if 0x20000 <= point <= 0x2A6DF} - drawn(FALLBACK)
    assert count == len(wanted) > 0
    with TTFont(made) as font:
        assert set(font.getBestCmap()) == wanted
