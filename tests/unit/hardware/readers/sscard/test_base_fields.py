"""The string of iReadCardBas (card.md 4.3): official example, field counts, and what a 3.0 card hides."""

from __future__ import annotations

from datetime import date

import pytest

from hardware.readers.sscard.base_fields import BaseReading, MalformedReading, parse_base
from tests.unit.hardware.readers.sscard.samples import CARD_ID, HISTORY, NATIONAL, UNAUTHENTICATED

NINE = "|".join(NATIONAL.split("|")[:9]) + "|"


def test_the_official_example():
    assert parse_base(NATIONAL) == BaseReading(
        region="639900",
        card_id=CARD_ID,
        version="1.00",
        history=HISTORY,
        citizen_number="111111198101011110",
        card_number="X00000019",
        name="张三",
        issued=date(2010, 10, 1),
        expires=date(2020, 10, 1),
        terminal="410100813475",
        device="终端设备号",
    )


@pytest.mark.parametrize(
    ("text", "terminal", "device", "extras"),
    [
        (NINE, None, None, ()),
        (NINE + "000000000000|", None, None, ()),
        (NATIONAL, "410100813475", "终端设备号", ()),
        (NATIONAL + "医疗证号|银行卡号|", "410100813475", "终端设备号", ("医疗证号", "银行卡号")),
        (NATIONAL + "A|B|C|D|", "410100813475", "终端设备号", ("A", "B", "C", "D")),
        (NATIONAL + "A||C||", "410100813475", "终端设备号", ("A", "", "C", "")),
    ],
)
def test_fields_go_by_position_and_extras_are_kept(text, terminal, device, extras):
    reading = parse_base(text)
    assert isinstance(reading, BaseReading)
    assert (reading.terminal, reading.device, reading.extras) == (terminal, device, extras)


def test_the_last_bar_may_be_missing():
    assert parse_base(NATIONAL.removesuffix("|")) == parse_base(NATIONAL)


def test_a_region_names_its_own_extras():
    reading = parse_base(NATIONAL + "M1|6200|")
    assert reading.named_extras(("medical_number", "bank_card", "another")) == {
        "medical_number": "M1",
        "bank_card": "6200",
    }


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        (UNAUTHENTICATED, True),
        (UNAUTHENTICATED.replace("3.00", "2.00"), False),
        (UNAUTHENTICATED.replace("3.00", ""), False),
        (UNAUTHENTICATED.replace("|||", "||X00000019|"), False),
        (NATIONAL.replace("1.00", "3.00"), False),
    ],
)
def test_a_third_generation_card_without_its_holder_is_closed(text, closed):
    assert parse_base(text).closed is closed
    assert not parse_base(text).authenticated


def test_the_hidden_card_is_still_named():
    reading = parse_base(UNAUTHENTICATED)
    assert (reading.name, reading.citizen_number, reading.card_number) == (None, None, None)
    assert reading.card_info == f"{CARD_ID}||"
    assert parse_base(NATIONAL).card_info == f"{CARD_ID}|X00000019|"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "count"),
        ("|" * 8, "count"),
        ("|" * 11, "region"),
        (NATIONAL.replace("639900|", "63990|", 1), "region"),
        (NATIONAL.replace("639900|", "６３９９００|", 1), "region"),
        (NATIONAL.replace(CARD_ID, CARD_ID[:-1] + "G"), "card_id"),
        (NATIONAL.replace(CARD_ID, CARD_ID[:-1]), "card_id"),
        (NATIONAL.replace(HISTORY, "ZZ"), "history"),
        (NATIONAL.replace("张三", "张\x07三"), "control"),
        (b"\xff|", "encoding"),
    ],
)
def test_a_string_that_is_no_reading(text, part):
    assert parse_base(text) == MalformedReading(part)


def test_a_card_id_in_small_letters_is_the_same():
    assert parse_base(NATIONAL.replace(CARD_ID, CARD_ID.lower())) == parse_base(NATIONAL)


@pytest.mark.parametrize("fill", ["", "00000000", "FFFFFFFF"])
def test_a_day_that_is_not_written_is_none(fill):
    reading = parse_base(NATIONAL.replace("20201001", fill))
    assert (reading.expires, reading.undecodable) == (None, ())


@pytest.mark.parametrize("day", ["20230229", "长期", "2020-10-01", "2020100A"])
def test_a_day_that_is_none_is_told_and_leaves_the_rest(day):
    reading = parse_base(NATIONAL.replace("20201001", day))
    assert (reading.expires, reading.undecodable, reading.name) == (None, ("expires",), "张三")


def test_personal_data_is_not_in_the_repr():
    told = repr(parse_base(NATIONAL + "医疗证号|"))
    assert not [value for value in ("张三", "111111198101011110", "X00000019", CARD_ID, "医疗") if value in told]


@pytest.mark.parametrize(
    ("written", "version", "undecodable"),
    [("3.0", "3.0", ()), ("V1.0", "1.0", ()), ("", "", ()), ("one", "", ("version",))],
)
def test_a_version_that_a_driver_writes_its_own_way_spoils_nothing(written, version, undecodable):
    found = parse_base(NATIONAL.replace("|1.00|", f"|{written}|"))
    assert isinstance(found, BaseReading)
    assert (found.version, found.undecodable) == (version, undecodable)
    assert found.name == parse_base(NATIONAL).name


@pytest.mark.parametrize("dressed", [NATIONAL + "\r\n", "\ufeff" + NATIONAL, NATIONAL + "\x00\x00"])
def test_a_drivers_own_line_end_and_mark_are_no_part_of_it(dressed):
    assert parse_base(dressed) == parse_base(NATIONAL)
