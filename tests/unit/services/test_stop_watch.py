"""Announced stops: told ahead, urgently, and while they last; no saga begins that cannot be over before one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.catalogue import sagas, services, texts
from app.domain.clock import ClockCheck, hall_time, moment
from app.domain.operation import OperationKind
from app.domain.province_stop import Nearness, ProvinceStop, StopKind, ToldStop, in_the_way, next_stop
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.journal.journal import Journal
from app.services.guards import Facts, possible_services
from app.services.stop_watch import StopWatch, load_notice
from tests.empty_journal import open_empty, opened
from tests.unit.journal.scenery import StillClock
from tests.unit.services.people import EVERYTHING, identity, profile
from tests.unit.services.test_guards import PROVED

LONGEST_S = sagas.load().current("formal_loss").longest_s
NIGHT = ProvinceStop(
    StopKind.NIGHTLY, datetime(2026, 11, 22, 15, 30, tzinfo=UTC), datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
)
LATER = ProvinceStop(StopKind.MONTH_END, NIGHT.starts + timedelta(days=8), NIGHT.ends + timedelta(days=8))


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def journal(tmp_path: Path, clock: StillClock) -> Iterator[Journal]:
    opened = open_empty(tmp_path, clock)
    yield opened
    opened.close()


def announce(journal: Journal, *stops: ProvinceStop) -> None:
    journal.run(lambda tx: tx.keep_stops(stops)).result()


def test_the_stop_under_way_or_the_next_one_counts() -> None:
    stops = (LATER, NIGHT)
    assert next_stop(stops, NIGHT.starts - timedelta(days=1)) == NIGHT
    assert next_stop(stops, NIGHT.ends - timedelta(seconds=1)) == NIGHT
    assert next_stop(stops, NIGHT.ends) == LATER
    assert next_stop(stops, LATER.ends) is None


def test_what_is_over_by_the_very_second_is_not_in_the_way() -> None:
    before = NIGHT.starts - timedelta(seconds=60)
    assert in_the_way((NIGHT,), before, 60) is None
    assert in_the_way((NIGHT,), before, 61) == NIGHT
    assert in_the_way((NIGHT,), NIGHT.starts, 1) == NIGHT
    assert in_the_way((NIGHT,), NIGHT.ends, 61) is None


def test_a_stop_is_told_ahead_then_urgently_then_while_it_lasts_and_no_longer(
    journal: Journal, clock: StillClock
) -> None:
    told: list[ToldStop | None] = []
    watch = StopWatch(journal, clock, sagas.load(), load_notice(), told.append)
    announce(journal, LATER, NIGHT)
    seconds = (NIGHT.starts - clock.now()).total_seconds()
    # An hour ahead, ten minutes ahead, at the start, at the end: a look just before each, and one on it.
    for at in (seconds - 3601, seconds - 3600, seconds - 600, seconds, seconds + 3599, seconds + 3600):
        clock.pass_by(at - (clock.monotonic() - 1000.0))
        watch.look()
    assert told == [*(ToldStop(NIGHT, nearness) for nearness in Nearness), None]


def test_the_provinces_clock_decides_not_this_machines(journal: Journal, clock: StillClock) -> None:
    told: list[ToldStop | None] = []
    watch = StopWatch(journal, clock, sagas.load(), load_notice(), told.append)
    announce(journal, NIGHT)
    clock.wall = NIGHT.starts
    journal.run(lambda tx: tx.keep_clock_check(ClockCheck(moment(clock), 7200.0))).result()
    watch.look()
    assert told == []
    assert watch.refusal("formal_loss") is None


def test_stops_hold_over_a_restart(tmp_path: Path, clock: StillClock) -> None:
    with_stops = open_empty(tmp_path, clock)
    announce(with_stops, NIGHT, LATER)
    with_stops.close()
    again = opened(tmp_path, clock)
    assert again.run(lambda tx: tx.announced_stops()).result() == (NIGHT, LATER)
    announce(again)
    assert again.run(lambda tx: tx.announced_stops()).result() == ()
    again.close()


def test_the_service_is_refused_where_it_is_chosen_and_others_are_not(journal: Journal, clock: StillClock) -> None:
    watch = StopWatch(journal, clock, sagas.load(), load_notice(), lambda _told: None)
    announce(journal, NIGHT)
    clock.pass_by((NIGHT.starts - clock.now()).total_seconds() - LONGEST_S + 1)
    watch.look()
    facts = Facts(identity(PROVED), profile(SocialState.NORMAL), True, EVERYTHING, held_up=watch.refusal)
    found = {row.kind: row.refusal for row in possible_services(services.load(), texts.load(), facts)}
    assert found[OperationKind.FORMAL_LOSS] == Refusal.of("SAGA-BEFORE-STOP", starts="23:30", ends="11-23 00:30")
    assert found[OperationKind.TEMPORARY_LOSS] is None


def test_a_stop_of_tomorrow_is_told_with_its_day() -> None:
    assert hall_time(NIGHT.starts, NIGHT.starts) == "23:30"
    assert hall_time(NIGHT.ends, NIGHT.starts) == "11-23 00:30"
