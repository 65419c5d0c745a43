"""Makes resources/fonts/YikatongFallback.ttf: the ideographs that the text font lacks, for rare names.

Needs fontTools (locked for development) and Debian's `fonts-hanazono`. The result is committed, so nobody needs to run
this but who renews a font: `.venv/bin/python installer/fallback_font.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
TEXT_FONT = FONTS / "NotoSansSC-Regular.ttf"
FALLBACK = FONTS / "YikatongFallback.ttf"
SOURCES = tuple(Path("/usr/share/fonts/truetype/hanazono") / name for name in ("HanaMinA.ttf", "HanaMinB.ttf"))

FAMILY = "Yikatong Fallback"
"""The Open Font License forbids a modified font the reserved names HanaMinA, HanaMinB and Hanazono Font."""
COPYRIGHT = "Copyright (c) 2011, GlyphWiki Project. Subset made for Yikatong Counter."
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
LICENCE_URL = "https://scripts.sil.org/OFL"

IDEOGRAPHS = (
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),  # URO
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0x20000, 0x2A6DF),  # extension B
    (0x2A700, 0x2EBEF),  # extensions C, D, E, F
    (0x2F800, 0x2FA1F),  # compatibility ideographs supplement
)
"""The ideographs of GB 18030-2022 level 3."""
MOST_GLYPHS = 65_535


def is_ideograph(code_point: int) -> bool:
    """Return whether the fallback is responsible for a code point that the text font lacks."""
    return any(first <= code_point <= last for first, last in IDEOGRAPHS)


def missing_ideographs(text_font: Path, sources: tuple[Path, ...]) -> dict[int, Path]:
    """Return every ideograph that the text font lacks, with the first source that draws it."""
    present = _drawn(text_font)
    found: dict[int, Path] = {}
    for source in sources:
        for code_point in _drawn(source) - present:
            if is_ideograph(code_point):
                found.setdefault(code_point, source)
    return found


def _drawn(font: Path) -> set[int]:
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())


def build(text_font: Path = TEXT_FONT, sources: tuple[Path, ...] = SOURCES, target: Path = FALLBACK) -> int:
    """Write the fallback font without hinting and layout tables; return its number of ideographs."""
    wanted = missing_ideographs(text_font, sources)
    if len(wanted) >= MOST_GLYPHS:
        raise SystemExit(f"{len(wanted)} ideographs do not fit one font of {MOST_GLYPHS} glyphs")
    fonts = {source: TTFont(source) for source in sources}
    first = fonts[sources[0]]
    names = [".notdef", *(_name(code_point) for code_point in sorted(wanted))]
    glyphs: dict[str, Glyph] = {".notdef": Glyph()}
    metrics: dict[str, tuple[int, int]] = {".notdef": (first["head"].unitsPerEm, 0)}
    for code_point, source in wanted.items():
        font = fonts[source]
        old_name = font.getBestCmap()[code_point]
        glyph = font["glyf"][old_name]
        if glyph.isComposite():
            raise SystemExit(f"U+{code_point:04X} is drawn from parts, which this script does not carry over")
        glyph.removeHinting()
        glyphs[_name(code_point)] = glyph
        metrics[_name(code_point)] = font["hmtx"][old_name]
    _assemble(first, names, sorted(wanted), glyphs, metrics).save(target)
    for font in fonts.values():
        font.close()
    return len(wanted)


def _name(code_point: int) -> str:
    return f"u{code_point:05X}"


def _assemble(
    model: TTFont,
    names: list[str],
    code_points: list[int],
    glyphs: dict[str, Glyph],
    metrics: dict[str, tuple[int, int]],
) -> FontBuilder:
    ascent, descent = model["hhea"].ascent, model["hhea"].descent
    builder = FontBuilder(model["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({code_point: _name(code_point) for code_point in code_points})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable(
        {
            "copyright": COPYRIGHT,
            "familyName": FAMILY,
            "styleName": "Regular",
            "uniqueFontIdentifier": f"{FAMILY} Regular",
            "fullName": f"{FAMILY} Regular",
            "psName": "YikatongFallback-Regular",
            "version": "Version 1.0",
            "licenseDescription": LICENCE,
            "licenseInfoURL": LICENCE_URL,
        },
        mac=False,
    )
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent, fsType=0)
    builder.setupPost(keepGlyphNames=False)
    return builder


if __name__ == "__main__":
    print(f"{build()} ideographs, {FALLBACK.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
