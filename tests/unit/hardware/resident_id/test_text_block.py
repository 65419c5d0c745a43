"""The four layouts of card.md 6.2, each field at its own bytes."""

from __future__ import annotations

from datetime import date

import pytest

from hardware.resident_id.text_block import (
    LAYOUTS,
    LENGTH,
    IdField,
    IdKind,
    MalformedText,
    ResidentId,
    decode_address,
    decode_text_block,
)
from tests.unit.hardware.resident_id.people import PEOPLE

# Written down by the sheet, not by the layouts: (offset, length, text), the letter at 248.
BLOCKS: dict[IdKind, list[tuple[int, int, str]]] = {
    IdKind.CITIZEN: [
        *(
            (0, 30, "测试员甲"),
            (30, 2, "2"),
            (32, 4, "01"),
            (36, 16, "19900307"),
            (52, 70, "测试省测试市训练区虚构路1号"),
        ),
        *((122, 36, "110101199003070011"), (158, 30, "测试市公安局"), (188, 16, "20150101"), (204, 16, "20350101")),
    ],
    IdKind.HK_MACAU_TAIWAN: [
        *((0, 30, "测试员乙"), (30, 2, "1"), (36, 16, "19840615"), (52, 70, "测试市训练区虚构路2号")),
        *((122, 36, "810000198406150015"), (158, 30, "测试市公安局"), (188, 16, "20200229"), (204, 16, "20250228")),
        *((220, 18, "H00000000"), (238, 4, "01"), (248, 2, "J")),
    ],
    IdKind.FOREIGNER_2017: [
        *((0, 120, "TESTER, FICTIONAL PERSON"), (120, 2, "1"), (122, 30, "XXX110084061501"), (152, 6, "UTO")),
        *((158, 30, "测试员丙"), (188, 16, "20180101"), (204, 16, "20280101"), (220, 16, "19840615")),
        *((236, 4, "01"), (240, 8, "1500"), (248, 2, "I")),
    ],
    IdKind.FOREIGNER_2023: [
        *((0, 30, "测试员丁"), (30, 2, "2"), (32, 4, "02"), (36, 16, "19920131")),
        *((52, 70, "A FICTIONAL TESTER OF EXACTLY THIRT"), (220, 22, "Y FIVE AND ")),
        *((122, 36, "911124199201310026"), (188, 16, "20240101"), (204, 16, "20340101"), (242, 6, "UTO")),
        *((248, 2, "Y"), (250, 6, "001")),
    ],
}
CARDS: dict[IdKind, ResidentId] = {
    IdKind.CITIZEN: ResidentId(
        kind=IdKind.CITIZEN,
        number="110101199003070011",
        name="测试员甲",
        sex="2",
        nation="01",
        birth_date=date(1990, 3, 7),
        address="测试省测试市训练区虚构路1号",
        authority="测试市公安局",
        valid_from=date(2015, 1, 1),
        valid_to=date(2035, 1, 1),
    ),
    IdKind.HK_MACAU_TAIWAN: ResidentId(
        kind=IdKind.HK_MACAU_TAIWAN,
        number="810000198406150015",
        name="测试员乙",
        sex="1",
        birth_date=date(1984, 6, 15),
        address="测试市训练区虚构路2号",
        authority="测试市公安局",
        valid_from=date(2020, 2, 29),
        valid_to=date(2025, 2, 28),
        pass_number="H00000000",
        issue_count="01",
    ),
    IdKind.FOREIGNER_2017: ResidentId(
        kind=IdKind.FOREIGNER_2017,
        number="XXX110084061501",
        name="测试员丙",
        english_name="TESTER, FICTIONAL PERSON",
        sex="1",
        nationality="UTO",
        birth_date=date(1984, 6, 15),
        authority="1500",
        valid_from=date(2018, 1, 1),
        valid_to=date(2028, 1, 1),
        version="01",
    ),
    IdKind.FOREIGNER_2023: ResidentId(
        kind=IdKind.FOREIGNER_2023,
        number="911124199201310026",
        name="测试员丁",
        english_name="A FICTIONAL TESTER OF EXACTLY THIRTY FIVE AND",
        sex="2",
        nationality="UTO",
        birth_date=date(1992, 1, 31),
        valid_from=date(2024, 1, 1),
        valid_to=date(2034, 1, 1),
        issue_count="02",
        related="001",
    ),
}


def block(kind: IdKind, *changes: tuple[int, int, str]) -> bytes:
    """Write a block by hand: spaces, then every field in its room."""
    made = bytearray(" ".encode("utf-16-le") * 128)
    for offset, length, text in (*BLOCKS[kind], *changes):
        raw = text.encode("utf-16-le")
        assert len(raw) <= length
        made[offset : offset + length] = raw + " ".encode("utf-16-le") * ((length - len(raw)) // 2)
    return bytes(made)


@pytest.mark.parametrize("kind", IdKind)
def test_every_layout_has_its_vector(kind):
    assert decode_text_block(block(kind)) == CARDS[kind]


@pytest.mark.parametrize("kind", IdKind)
def test_no_two_fields_of_a_layout_share_a_byte(kind):
    taken = [248, 249]
    for place in LAYOUTS[kind]:
        for offset, length in ((place.offset, place.length), place.continued):
            taken += range(offset, offset + length)
    assert len(taken) == len(set(taken))
    assert max(taken) < LENGTH


def test_a_foreigners_layouts_leave_no_byte_but_the_reserved_ones():
    sizes = {kind: sum(place.length + place.continued[1] for place in LAYOUTS[kind]) + 2 for kind in IdKind}
    assert (sizes[IdKind.FOREIGNER_2017] + 6, sizes[IdKind.FOREIGNER_2023] + 30) == (256, 256)


def test_long_term_is_no_day():
    card = decode_text_block(block(IdKind.CITIZEN, (204, 16, "长期")))
    assert (card.valid_to, card.long_term, card.undecodable) == (None, True, ())
    assert not CARDS[IdKind.CITIZEN].long_term


@pytest.mark.parametrize("day", ["20350229", "永久", "2035", "２０３５０１０１"])
def test_a_day_that_is_none_is_told(day):
    card = decode_text_block(block(IdKind.CITIZEN, (204, 16, day)))
    assert (card.valid_to, card.long_term, card.undecodable) == (None, False, (IdField.VALID_TO,))


def test_text_that_is_none_leaves_its_field_out():
    wrong = bytearray(block(IdKind.CITIZEN))
    wrong[0:2] = b"\x00\xdc"
    wrong[52:54] = b"\x07\x00"
    card = decode_text_block(bytes(wrong))
    assert (card.name, card.address, card.number) == ("", "", "110101199003070011")
    assert card.undecodable == (IdField.NAME, IdField.ADDRESS)


def test_a_name_beyond_the_basic_plane():
    assert decode_text_block(block(IdKind.CITIZEN, (0, 30, "𠮷𡈽"))).name == "𠮷𡈽"


@pytest.mark.parametrize("length", [0, 255, 257])
def test_a_block_of_another_length(length):
    assert decode_text_block(bytes(length)) == MalformedText("length")


@pytest.mark.parametrize("letter", ["Z", "j", "国"])
def test_a_kind_that_nobody_knows(letter):
    assert decode_text_block(block(IdKind.CITIZEN, (248, 2, letter))) == MalformedText("kind")


def test_the_newest_address():
    raw = "测试市新区虚构路9号".ljust(35).encode("utf-16-le")
    assert len(raw) == 70
    assert decode_address(raw) == "测试市新区虚构路9号"
    assert decode_address(b"\x00\xd8") is None


def test_people_of_the_tests_fill_every_layout():
    assert {kind: set(texts) for kind, texts in PEOPLE.items()} == {
        kind: {place.field for place in LAYOUTS[kind]} for kind in IdKind
    }


def test_personal_data_is_not_in_the_repr():
    for card in CARDS.values():
        assert not [value for value in (card.name, card.number, card.address or "-", "UTO") if value in repr(card)]
