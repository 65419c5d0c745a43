"""Values of the domain: numbers, masks, ids, times, canonical JSON."""

from __future__ import annotations

import sys
import time
import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import citizen_number
from app.domain.clock import SystemClock, business_date, moment
from app.domain.identity import CardProof
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal


@pytest.mark.parametrize("number", ["110101199003070011", "630104198506150028"])
def test_the_reference_numbers_are_valid(number: str) -> None:
    assert citizen_number.is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["110101199003070012", "11010119900307001", "11010119901307001X", "1101011990030700１1", "", "x" * 18],
)
def test_a_wrong_number_is_not_valid(number: str) -> None:
    assert not citizen_number.is_valid(number)


@given(st.from_regex(r"[1-6]\d{5}(19[5-9]\d|20[01]\d)(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])\d{3}", fullmatch=True))
def test_every_single_wrong_digit_is_found(first17: str) -> None:
    first17 = first17.translate({ord(c): str(int(c)) for c in first17})
    good = first17 + citizen_number.check_digit(first17)
    assert citizen_number.is_valid(good)
    wrong = good[:16] + str((int(good[16]) + 1) % 10) + good[17]
    assert not citizen_number.is_valid(wrong)


def test_numbers_are_grouped_for_reading() -> None:
    assert citizen_number.grouped("110101199003070011") == "110101 19900307 0011"
    assert citizen_number.grouped("H1234567") == "H1234567"
    assert citizen_number.birth_date("110101199003070011") == date(1990, 3, 7)


def test_op_ids_are_version_7_and_rise_with_time() -> None:
    early = new_op_id(datetime(2026, 1, 1, tzinfo=UTC))
    late = new_op_id(datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC))
    assert uuid.UUID(early).version == 7
    assert uuid.UUID(early).variant == uuid.RFC_4122
    assert early < late
    assert len({new_op_id(datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(1000)}) == 1000


def test_the_business_date_is_the_hall_zones() -> None:
    assert business_date(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)) == "2026-11-22"


def test_a_moment_carries_all_three_clocks() -> None:
    clock = SystemClock()
    first, second = moment(clock), moment(clock)
    assert first.wall.tzinfo is UTC
    assert second.monotonic >= first.monotonic
    assert first.boot_id == second.boot_id != ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a clock apart that counts suspend")
def test_the_counted_seconds_go_on_while_the_machine_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_canonical_json_is_stable() -> None:
    assert canonical_json({"b": 1, "a": "𠮷"}) == '{"a":"𠮷","b":1}'


def test_a_refusal_keeps_its_facts_as_text() -> None:
    assert Refusal.of("X", n=3).facts == (("n", "3"),)


def test_a_card_is_proved_by_both_checks_only() -> None:
    assert CardProof(True, True, "c").complete
    assert not CardProof(True, False).complete
    assert not CardProof(False, True, "c").complete
