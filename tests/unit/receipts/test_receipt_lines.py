"""Lines: nothing lost, nothing too wide, no punctuation orphaned."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.services.receipt_lines import broken


def cells(text: str) -> float:
    """Measure as a fixed-width terminal would."""
    return sum(1 if char.isascii() else 2 for char in text)


def test_chinese_breaks_anywhere_and_words_stay_whole() -> None:
    assert broken("卡已找到请办理", 8, cells) == ("卡已找到", "请办理")
    assert broken("call the bank now", 9, cells) == ("call the", "bank now")
    assert broken("拨打 12333 咨询", 8, cells) == ("拨打", "12333 咨", "询")


def test_a_word_wider_than_a_line_is_cut() -> None:
    assert broken("350102-20261122-00317", 10, cells) == ("350102-202", "61122-0031", "7")


def test_newlines_and_empty_texts_make_lines() -> None:
    assert broken("", 8, cells) == ("",)
    assert broken("一\n\n二", 8, cells) == ("一", "", "二")


def test_punctuation_neither_begins_nor_ends_a_line_wrongly() -> None:
    assert broken("卡已找到，请办理", 8, cells) == ("卡已找", "到，请办", "理")
    assert broken("请带上（原件）", 8, cells) == ("请带上", "（原件）")


def test_punctuation_alone_is_set_as_it_comes() -> None:
    assert broken("，，，，，，", 4, cells) == ("，，", "，，", "，，")
    assert broken("字", 1, cells) == ("字",)


@given(st.text(alphabet="卡 ab1（），。-𠮷", max_size=60), st.integers(2, 30))
def test_no_character_is_lost_and_no_line_too_wide(text: str, width: int) -> None:
    lines = broken(text, width, cells)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line) <= width for line in lines)
