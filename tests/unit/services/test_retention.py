"""What is past its time goes once a day, counted in the audit chain; what is open stays, whatever its age."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.catalogue import retention
from app.catalogue.retention import Kept
from app.catalogue.tables import TableError
from app.domain.operation import Destination, Outcome
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services.retention import Retention, purge_due
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import StillClock, ToldProvince, operation


class TimedProvince(ToldProvince):
    """Tells the time of a clock of its own."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__()
        self.own = StillClock()
        self.own.wall = clock.wall
        self.away = False

    def clock(self) -> datetime | Refusal:
        self.probed += 1
        return Refusal("PROVINCE-AWAY") if self.away else self.own.now()

    @property
    def online(self) -> bool:
        return not self.away


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


@pytest.fixture
def journal(folder: Path, clock: StillClock) -> Iterator[Journal]:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
    assert isinstance(journal, Journal)
    yield journal
    journal.close()


@pytest.fixture
def province(clock: StillClock) -> TimedProvince:
    return TimedProvince(clock)


@pytest.fixture
def days(clock: StillClock, province: TimedProvince) -> Callable[[float], None]:
    def pass_by(days: float) -> None:
        for one in (clock, province.own):
            one.pass_by(days * 86400)

    return pass_by


@pytest.fixture
def job(journal: Journal, province: TimedProvince, clock: StillClock, folder: Path) -> Retention:
    return Retention(journal, province, province, clock, folder)


def a_receipt(journal: Journal, clock: StillClock, outcome: Outcome | None, state: str = "printed") -> str:
    one = operation(clock, order_key=f"person {clock.seconds}")
    clock.pass_by(1)

    def work(tx: object) -> None:
        tx.enqueue(one, (Destination.PROVINCE,))
        tx.save_receipt(one.op_id, one.op_id, "挂失", b"%PDF")
        tx.print_job_state(one.op_id, 1, state, "7")
        if outcome is not None:
            tx.lease(Destination.PROVINCE)
            tx.settle(one.op_id, Destination.PROVINCE, outcome, "OP-STATE-MOVED")

    journal.run(work).result()
    return one.op_id


def receipts(journal: Journal) -> set[str]:
    return journal.run(
        lambda tx: set(tx._book.connection.exec_driver_sql("SELECT job_id FROM receipt").scalars())
    ).result()


def purges(journal: Journal) -> list[str]:
    found = "SELECT detail FROM audit WHERE event = 'journal.purge' AND result = 'done' ORDER BY n"
    return journal.run(lambda tx: list(tx._book.connection.exec_driver_sql(found).scalars())).result()


def test_the_table_names_days_and_law_for_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = retention.load()
    assert set(rows) == set(Kept)
    for content in (
        {},
        {kind: {"days": 0, "basis": "x"} for kind in Kept},
        {kind: {"days": 1, "basis": ""} for kind in Kept},
        {**{kind: {"days": 1, "basis": "x"} for kind in Kept}, "audit": {"days": 1, "basis": "x"}},
    ):
        monkeypatch.setattr(retention, "read_table", lambda *_parts, content=content: content)
        with pytest.raises(TableError):
            retention.load()


def test_only_what_is_old_and_settled_goes(
    journal: Journal, clock: StillClock, job: Retention, days: Callable, folder: Path
) -> None:
    a_receipt(journal, clock, Outcome.APPLIED)
    waiting = a_receipt(journal, clock, None)
    refused = a_receipt(journal, clock, Outcome.REJECTED)
    printing = a_receipt(journal, clock, Outcome.APPLIED, "accepted")
    old, new = folder / "old.log", folder / "new.log"
    for log in (old, new):
        log.write_text("x")
    days(200)
    os.utime(old, ((clock.now() - timedelta(days=190)).timestamp(),) * 2)
    os.utime(new, (clock.now().timestamp(),) * 2)
    fresh = a_receipt(journal, clock, Outcome.APPLIED)
    before = journal.run(lambda tx: tx.rows()).result()
    job.when_idle()
    assert receipts(journal) == {waiting, refused, printing, fresh}
    assert purges(journal) == ['{"logs":"1","print_jobs":"0","receipts":"1"}']
    assert [file.name for file in folder.glob("*.log")] == ["new.log"]
    assert len(journal.run(lambda tx: tx.rows()).result()) == len(before)
    assert journal.run(lambda tx: tx.verify()).result().ok


def test_print_jobs_go_before_their_receipts(
    journal: Journal, clock: StillClock, job: Retention, days: Callable
) -> None:
    kept = a_receipt(journal, clock, Outcome.APPLIED)
    days(31)
    job.when_idle()
    assert receipts(journal) == {kept}
    assert journal.run(lambda tx: tx.print_jobs()).result() == ()
    assert purges(journal) == ['{"logs":"0","print_jobs":"1","receipts":"0"}']


def test_it_is_done_once_a_day_and_never_while_the_province_is_away(
    journal: Journal, job: Retention, days: Callable, province: TimedProvince
) -> None:
    province.away = True
    job.when_idle()
    assert purges(journal) == []
    province.away = False
    for _hour in range(30):
        job.when_idle()
        days(1 / 24)
    assert len(purges(journal)) == 2


def test_a_clock_that_was_set_ahead_deletes_nothing(
    journal: Journal, clock: StillClock, job: Retention, province: TimedProvince
) -> None:
    kept = a_receipt(journal, clock, Outcome.APPLIED)
    clock.pass_by(400 * 86400)
    job.when_idle()
    assert receipts(journal) == {kept}


def test_counting_deletes_nothing(monkeypatch: pytest.MonkeyPatch, journal: Journal, folder: Path) -> None:
    old = StillClock()
    old.wall -= timedelta(days=4000)
    journal.close()
    opened = Journal.open(folder, FolderKeyStore(folder, no_ring), old)
    assert isinstance(opened, Journal)
    one = a_receipt(opened, old, Outcome.APPLIED)
    assert purge_due(folder) == {"receipts": 1, "print_jobs": 1, "logs": 0}
    assert receipts(opened) == {one}
    opened.close()
    assert purge_due(folder / "none") == Refusal("JOURNAL-NONE")
