from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.card.decode import Undecodable, decode_date, decode_digits, decode_hex, decode_text, join_name

WRONG = Undecodable()


@pytest.mark.parametrize(
    ("raw", "digits"),
    [("01", "01"), ("350100", "350100"), ("12345F", "12345"), ("FFFFFF", None), ("12A4", WRONG), ("", None)],
)
def test_bcd_loses_its_fill(raw, digits):
    assert decode_digits(bytes.fromhex(raw)) == digits


def test_a_card_id_may_hold_hexadecimal_digits():
    raw = bytes.fromhex("639900D15600000500BF7C7A48FB4966")
    assert decode_hex(raw) == "639900D15600000500BF7C7A48FB4966"
    assert decode_hex(b"\xff" * 16) is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("20101001", date(2010, 10, 1)),
        ("FFFFFFFF", None),
        ("00000000", None),
        ("20101301", WRONG),
        ("20230229", WRONG),
        ("201010FF", WRONG),
        ("2010A001", WRONG),
        ("2010100101", WRONG),
        ("35" * 16, WRONG),
        ("", None),
    ],
)
def test_dates(raw, day):
    assert decode_date(bytes.fromhex(raw)) == day


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("B2E2CAD4D4B1BCD7" + "00" * 22, "测试员甲"),
        ("D5C5C8FD202020", "张三"),
        ("D5C5C8FDFFFF", "张三"),
        ("FF" * 30, None),
        ("00" * 30, None),
        ("", None),
        ("D5C5C8", WRONG),
        ("D6FFD6A0", WRONG),
        ("410042", WRONG),
        ("9534B235", "𠮷"),
        ("A1A1", "　"),
    ],
)
def test_text_is_gbk_without_its_fillers(raw, text):
    assert decode_text(bytes.fromhex(raw)) == text


def test_characters_of_the_private_use_area_are_text():
    assert decode_text("\ue000明".encode("gb18030")) == "\ue000明"


def test_a_name_goes_on_in_its_extension_even_inside_a_character():
    encoded = "阿依古丽·艾合买提江·玛尔丹𠮷𡈽".encode("gb18030")
    name, extension = encoded[:30], encoded[30:].ljust(20, b"\x00")
    assert decode_text(name) == WRONG
    assert decode_text(join_name(name, extension)) == "阿依古丽·艾合买提江·玛尔丹𠮷𡈽"


@given(st.binary(max_size=40))
def test_no_bytes_raise(raw):
    assert isinstance(decode_text(raw), str | Undecodable | None)
    assert isinstance(decode_date(raw), date | Undecodable | None)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=15))
def test_every_name_comes_back(name):
    assert decode_text(name.encode("gb18030").ljust(0x1E, b"\x00")) == name


@pytest.mark.parametrize(
    ("name", "extension", "joined"),
    [
        (b"A" * 29 + b" ", b"BBB" + bytes(17), "A" * 29 + " BBB"),
        (b"MARIA DEL CARMEN GONZALEZ" + b" " * 5, b"LOPEZ", "MARIA DEL CARMEN GONZALEZ LOPEZ"),
        (b"A" * 29 + b" ", bytes(20), "A" * 29),
        ("阿依古丽".encode("gb18030") + b"  ", "江".encode("gb18030"), "阿依古丽江"),
        # The last byte of 丂 is an ASCII letter's.
        ("丂".encode("gb18030")[:1] + b"A  ", "江".encode("gb18030"), "丄江"),
        (b"", b"", None),
    ],
)
def test_a_space_between_two_words_of_a_latin_name_stays(name, extension, joined):
    assert decode_text(join_name(name, extension)) == joined
