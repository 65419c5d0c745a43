from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.card.tlv import Malformed, Tlv, find, parse_ber, parse_record, parse_records

FCI = bytes.fromhex("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103")


def test_a_record_is_tag_length_value():
    assert parse_record(bytes.fromhex("0704 41424344")) == Tlv(0x07, b"ABCD")
    assert parse_record(b"\x07\x00") == Tlv(0x07, b"")


@pytest.mark.parametrize("raw", ["", "07", "0702 41", "0702 414243", "07FF 41"])
def test_a_record_whose_length_does_not_fit_is_malformed(raw):
    assert isinstance(parse_record(bytes.fromhex(raw)), Malformed)


def test_the_algorithm_of_a_real_card_is_found():
    assert find(FCI, 0x6F, 0xA5, 0x9F0C, 0x86) == b"\x03"
    assert find(FCI, 0x6F, 0x84) == bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")


def test_what_is_not_there_is_none():
    assert find(FCI, 0x6F, 0xA5, 0x50) is None
    assert find(b"", 0x6F) is None


def test_long_lengths_are_read():
    assert parse_ber(b"\x53\x81\x80" + bytes(128)) == (Tlv(0x53, bytes(128)),)
    assert parse_ber(b"\x53\x82\x01\x00" + bytes(256)) == (Tlv(0x53, bytes(256)),)


@pytest.mark.parametrize("raw", ["6F", "6F02", "6F0261", "9F", "9F0C", "6F80", "6F83000001", "6F81", "6F820001"])
def test_ber_that_ends_early_is_malformed(raw):
    assert isinstance(parse_ber(bytes.fromhex(raw)), Malformed)


def test_malformed_inside_is_malformed_outside():
    assert isinstance(find(bytes.fromhex("6F03A50288"), 0x6F, 0xA5), Malformed)


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw):
    assert isinstance(parse_ber(raw), tuple | Malformed)
    assert isinstance(parse_record(raw), Tlv | Malformed)


@given(st.binary(max_size=40))
def test_a_cut_fci_is_malformed_or_lacks_its_tail(tail):
    assert not isinstance(find(FCI + tail, 0x6F, 0x84), Malformed) or tail


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("", ()),
        ("0101AA0202BBCC", (Tlv(1, b"\xaa"), Tlv(2, b"\xbb\xcc"))),
        ("0101AA000000", (Tlv(1, b"\xaa"),)),
        ("0101AAFFFF", (Tlv(1, b"\xaa"),)),
        ("0100", (Tlv(1, b""),)),
        ("01", Malformed("no length")),
        ("0102AA", Malformed("value ends early")),
    ],
)
def test_a_run_of_records(raw, found):
    assert parse_records(bytes.fromhex(raw)) == found
