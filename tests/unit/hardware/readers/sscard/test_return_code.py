from __future__ import annotations

import pytest

from hardware.readers.sscard.return_code import NEEDS_HSM, status_word, tries_left

# card.md 4.4
LISTED = {
    0x63C2: -25538,
    0x63C1: -25537,
    0x63C0: -25536,
    0x6700: -26368,
    0x6901: -26881,
    0x6981: -27009,
    0x6982: -27010,
    0x6983: -27011,
    0x6984: -27012,
    0x6985: -27013,
    0x6988: -27016,
    0x6A80: -27264,
    0x6A81: -27265,
    0x6A82: -27266,
    0x6A83: -27267,
    0x6A88: -27272,
    0x9302: -37634,
    0x9303: -37635,
    0x9403: -37891,
    0x9406: -37894,
}


@pytest.mark.parametrize(("word", "number"), LISTED.items())
def test_a_status_word_comes_back_as_its_negative(word, number):
    assert status_word(number) == word


@pytest.mark.parametrize("number", [0, 1, -1, -22, -24, -2201, -2204, -1201, -32768, -65535, -(1 << 31), 25538])
def test_the_interfaces_own_codes_are_no_status_words(number):
    assert status_word(number) is None


@pytest.mark.parametrize(("number", "left"), [(-25538, 2), (-25537, 1), (-25536, 0), (-27011, None), (-51, None)])
def test_tries_left_are_told_before_the_last_one(number, left):
    assert tries_left(number) == left


def test_five_codes_and_no_other_go_to_the_hsm():
    assert sorted(NEEDS_HSM) == [-27272, -2203, -2202, -2201, -24]
