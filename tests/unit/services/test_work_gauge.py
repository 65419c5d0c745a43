"""The limits of work without the province: warned of at half and four fifths, stopped when full; saving never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from app.catalogue import sentences, services
from app.catalogue.services import OfflineClass
from app.catalogue.tables import TableError, read_table
from app.domain.clock import ClockCheck, moment
from app.domain.operation import Destination, OperationKind
from app.domain.refusal import Refusal
from app.domain.work_limits import Level, Measure, Reading, Standing
from app.journal import work_limit_table
from app.journal.journal import Journal
from app.services.doorway import Done, Doorway
from app.services.guards import Facts, possible_services
from app.services.work_gauge import WorkGauge, stopped, told
from tests.empty_journal import open_empty
from tests.unit.journal.scenery import StillClock, operation
from tests.unit.services.people import EVERYTHING, clerk, identity, profile
from tests.unit.services.test_doorway import Line

LIMITS = work_limit_table.load()
GIB = float(1 << 30)
DAY = 86_400.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def journal(tmp_path: Path, clock: StillClock) -> Iterator[Journal]:
    opened = open_empty(tmp_path, clock)
    yield opened
    opened.close()


@dataclass
class Disk:
    """A disk with as much room as a test says."""

    free: int = 100 << 30

    def __call__(self, _folder: Path) -> int:
        return self.free


@dataclass
class Bench:
    """A gauge, and what it told."""

    gauge: WorkGauge
    journal: Journal
    clock: StillClock
    disk: Disk
    heard: list[Standing] = field(default_factory=list)

    def wait(self, count: int, kind: OperationKind = OperationKind.INTAKE) -> None:
        def enqueue(tx: object) -> None:
            for number in range(count):
                tx.enqueue(operation(self.clock, f"p{number}", kind), (Destination.PROVINCE,))

        self.journal.run(enqueue).result()

    def levels(self) -> dict[Measure, Level]:
        return {reading.measure: reading.level for reading in self.gauge.look().readings}

    def door(self, online: bool) -> Doorway:
        return Doorway(self.journal, services.load().commands, Line(online), stops=self.gauge.refusal)

    def execute(self, command: str, online: bool = False) -> object:
        return self.door(online).execute(command, clerk(), lambda _tx: Done("saved"), card_proved=True).result()


@pytest.fixture
def bench(journal: Journal, clock: StillClock, tmp_path: Path) -> Bench:
    disk, heard = Disk(), []
    return Bench(WorkGauge(journal, clock, tmp_path, LIMITS, heard.append, disk), journal, clock, disk, heard)


def test_the_table_names_only_what_there_is() -> None:
    known = {*services.load().commands, *OfflineClass}
    assert set(LIMITS) == set(Measure)
    assert {name for limit in LIMITS.values() for name in limit.blocks} <= known
    assert not LIMITS[Measure.CLOCK].blocks
    assert (LIMITS[Measure.CLOCK].warn, LIMITS[Measure.CLOCK].stop) == (30, 300)


@pytest.mark.parametrize(("key", "late"), [("warn", 501), ("urge", 801), ("stop", 0)])
def test_a_limit_that_warns_too_late_is_none(monkeypatch: pytest.MonkeyPatch, key: str, late: int) -> None:
    content = {name: dict(row) for name, row in read_table("catalogue", "work_limits.toml").items()}
    content["count"][key] = late
    monkeypatch.setattr(work_limit_table, "read_table", lambda *_parts: content)
    with pytest.raises(TableError, match="count"):
        work_limit_table.load()


@pytest.mark.parametrize("measure", Measure)
def test_each_measure_is_told_of_from_its_bounds_on(measure: Measure) -> None:
    limit = LIMITS[measure]
    step = -1.0 if limit.falls else 1.0
    for bound, before, at in (
        (limit.warn, Level.OK, Level.WARN),
        (limit.urge, Level.WARN, Level.URGE),
        (limit.stop, Level.URGE, Level.STOP),
    ):
        assert limit.level(bound - step) is before
        assert limit.level(bound) is at
    assert limit.share(limit.warn) <= 0.5
    assert limit.share(limit.urge) <= 0.8
    for level in (Level.WARN, Level.URGE, Level.STOP):
        refusal = told(Reading(limit, {Level.WARN: limit.warn, Level.URGE: limit.urge, Level.STOP: limit.stop}[level]))
        for language in ("zh_CN", "en"):
            sentence = sentences.load(language).of(refusal)
            assert sentence.code == refusal.code
            assert "—" not in sentence.text
            assert sentence.remedy


def test_an_empty_disk_is_beyond_every_limit() -> None:
    assert LIMITS[Measure.DISK].share(0) == float("inf")
    assert LIMITS[Measure.DISK].level(0) is Level.STOP


def test_the_count_of_what_waits_warns_and_stops_what_would_wait_too(bench: Bench) -> None:
    assert set(bench.levels().values()) == {Level.OK}
    assert bench.heard == []
    bench.wait(499)
    assert bench.levels()[Measure.COUNT] is Level.OK
    bench.wait(1)
    assert bench.levels()[Measure.COUNT] is Level.WARN
    bench.wait(300)
    assert bench.levels()[Measure.COUNT] is Level.URGE
    assert bench.execute("register_temporary_loss") == "saved"
    bench.wait(200)
    assert [reading.level for reading in bench.heard[-1].to_tell] == [Level.URGE]
    refused = bench.execute("register_temporary_loss")
    assert refused == Refusal.of("LIMIT-COUNT-STOP", value="1000", stop="1000")
    # Class A goes on, and so does what waits when the province is there to take it.
    assert bench.execute("register_intake") == "saved"
    assert bench.execute("register_temporary_loss", online=True) == "saved"


@pytest.mark.parametrize(
    ("age_s", "level"),
    [(DAY - 1, Level.OK), (DAY, Level.WARN), (3 * DAY, Level.URGE), (7 * DAY - 1, Level.URGE), (7 * DAY, Level.STOP)],
)
def test_a_day_warns_three_urge_and_a_week_stops(bench: Bench, age_s: float, level: Level) -> None:
    bench.wait(1)
    bench.clock.pass_by(age_s)
    assert bench.levels()[Measure.AGE] is level
    stops = level is Level.STOP
    refused = bench.execute("register_temporary_loss")
    assert refused == (Refusal.of("LIMIT-AGE-STOP", value="168", stop="168") if stops else "saved")


def test_a_refusal_by_a_limit_leaves_its_audit_row(bench: Bench) -> None:
    bench.disk.free = 1
    before = bench.journal.run(lambda tx: tx.verify()).result().rows
    assert isinstance(bench.execute("issue_ticket"), Refusal)
    assert bench.journal.run(lambda tx: tx.verify()).result().rows == before + 1


@pytest.mark.parametrize("online", [True, False])
def test_a_disk_without_room_begins_nothing_and_saves_what_is_in_hand(bench: Bench, online: bool) -> None:
    bench.disk.free = 512 << 20
    refused = Refusal.of("LIMIT-DISK-STOP", value="0.5", stop="0.5")
    for command in ("issue_ticket", "call_ticket", "open_visit"):
        assert bench.execute(command, online) == refused
    for command in ("register_intake", "register_temporary_loss", "finish_visit", "print_receipt", "sign_out"):
        assert bench.execute(command, online) == "saved"


@pytest.mark.parametrize(
    ("offset_s", "level"), [(29, Level.OK), (30, Level.WARN), (-30, Level.WARN), (299, Level.URGE), (-300, Level.STOP)]
)
def test_a_clock_that_is_off_marks_and_never_refuses(bench: Bench, offset_s: float, level: Level) -> None:
    bench.gauge.met(moment(bench.clock), bench.clock.now() - timedelta(seconds=offset_s))
    assert bench.levels()[Measure.CLOCK] is level
    doubtful = bench.journal.run(bench.gauge.doubts_clock).result()
    assert doubtful is (level is Level.STOP)
    for command in services.load().commands.values():
        assert stopped(bench.gauge.standing, command, online=False) is None


def test_half_of_the_way_there_and_back_is_not_the_clocks_fault(bench: Bench) -> None:
    asked = moment(bench.clock)
    bench.clock.pass_by(40)
    bench.gauge.met(asked, bench.clock.now() - timedelta(seconds=20))
    assert bench.journal.run(lambda tx: tx.clock_offset()).result() == pytest.approx(0)


def test_a_clock_that_is_set_while_dark_is_found_out_within_the_boot(bench: Bench) -> None:
    bench.gauge.met(moment(bench.clock), bench.clock.now())
    bench.clock.pass_by(3600)
    bench.clock.wall += timedelta(days=3650)
    assert bench.levels()[Measure.CLOCK] is Level.STOP
    bench.clock.wall -= timedelta(days=3650)
    assert bench.levels()[Measure.CLOCK] is Level.OK
    bench.clock.reboot()
    assert bench.levels()[Measure.CLOCK] is Level.OK


def test_a_measurement_outlives_the_program(journal: Journal, clock: StillClock) -> None:
    check = ClockCheck(moment(clock), 42.5)
    journal.run(lambda tx: tx.keep_clock_check(check)).result()
    journal.run(lambda tx: tx.keep_clock_check(check)).result()
    assert journal.run(lambda tx: tx.clock_offset()).result() == 42.5


def test_a_clock_that_goes_right_is_written_rarely(bench: Bench) -> None:
    written: list[str] = []
    real = bench.journal.run
    bench.journal.run = lambda work, label="": [written.append(label), real(work, label)][1]
    for _beat in range(299):
        bench.gauge.met(moment(bench.clock), bench.clock.now())
        bench.clock.pass_by(2)
    assert written.count("clock_check") == 1
    bench.clock.pass_by(10)
    bench.gauge.met(moment(bench.clock), bench.clock.now())
    assert written.count("clock_check") == 2
    bench.gauge.met(moment(bench.clock), bench.clock.now() - timedelta(seconds=5))
    assert written.count("clock_check") == 3


def test_it_is_looked_at_now_and_then_and_a_closed_journal_is_no_defect(bench: Bench) -> None:
    looked: list[int] = []
    real = bench.gauge.look
    bench.gauge.look = lambda: [looked.append(1), real()][1]
    for _beat in range(10):
        bench.gauge.beat()
        bench.clock.pass_by(2)
    assert len(looked) == 2
    bench.journal.close()
    bench.clock.pass_by(10)
    bench.gauge.beat()
    bench.gauge.met(moment(bench.clock), bench.clock.now())


@pytest.mark.parametrize("online", [True, False])
def test_the_profile_shows_what_the_doorway_would_refuse(online: bool) -> None:
    standing = Standing((Reading(LIMITS[Measure.COUNT], 1000.0),))
    facts = Facts(identity(), profile(), online, EVERYTHING, standing=standing)
    found = possible_services(services.load(), lambda key: key, facts)
    code = {row.kind: row.refusal.code if row.refusal else None for row in found}
    assert code[OperationKind.TEMPORARY_LOSS] == (None if online else "LIMIT-COUNT-STOP")
    assert code[OperationKind.INTAKE] is None


def test_the_worst_is_told_first() -> None:
    disk, age = Reading(LIMITS[Measure.DISK], 0.9 * GIB), Reading(LIMITS[Measure.AGE], 6.9 * DAY)
    fine = Reading(LIMITS[Measure.COUNT], 1.0)
    assert Standing((fine, disk, age)).to_tell == (age, disk)
    # Three days urge, though they are less of their limit than 612 rows are of theirs.
    many, three_days = Reading(LIMITS[Measure.COUNT], 612.0), Reading(LIMITS[Measure.AGE], 3.1 * DAY)
    assert Standing((many, three_days)).to_tell == (three_days, many)
