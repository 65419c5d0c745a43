"""Copies on their way to paper: followed after the clerk's wait, looked for after a crash, told once."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.catalogue import services
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.services import print_jobs
from app.services.doorway import Doorway
from app.services.events import PrintMoved
from app.services.print_jobs import PrintJobs, spool_title
from app.services.views import ReceiptView
from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.print_thread import PrinterActor
from tests.empty_journal import open_empty
from tests.unit.services.people import clerk

PAPER = ReceiptView("01920000-0000-7000-8000-0123456789ab", "op-1", "受理回执", b"%PDF-1.7", None)
GONE = PrinterStatus("p", PrintOutcome.NO_PRINTER)


@dataclass
class Spooler:
    """Says what it is told to say of every job."""

    outcome: PrintOutcome = PrintOutcome.ACCEPTED
    refuses: PrinterStatus | None = None
    titles: dict[str, str] = field(default_factory=dict)

    def status(self) -> PrinterStatus:
        return PrinterStatus("p", PrintOutcome.ACCEPTED)

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        if self.refuses is not None:
            return self.refuses
        self.titles[title] = f"p-{len(self.titles) + 1}"
        return self.titles[title]

    def job_outcome(self, job_id: str) -> PrintOutcome:
        return self.outcome

    def find(self, title: str) -> str | PrinterStatus | None:
        return self.refuses or self.titles.get(title)


class Line:
    online = True


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_empty(tmp_path)
    opened.run(lambda tx: tx.save_receipt(PAPER.job_id, PAPER.op_id, PAPER.title, PAPER.pdf)).result()
    yield opened
    opened.close()


@pytest.fixture
def spooler() -> Spooler:
    return Spooler()


@pytest.fixture
def told() -> queue.SimpleQueue[PrintMoved]:
    return queue.SimpleQueue()


@pytest.fixture
def jobs(
    journal: Journal, spooler: Spooler, told: queue.SimpleQueue[PrintMoved], monkeypatch: pytest.MonkeyPatch
) -> Iterator[PrintJobs]:
    monkeypatch.setattr(print_jobs, "WATCH_S", 0.05)
    actor = PrinterActor(spooler)
    yield PrintJobs(journal, Doorway(journal, services.load().commands, Line()), actor, told.put)
    actor.stop()


def states(journal: Journal) -> list[tuple[str, str | None]]:
    return [(job.state, job.spool_id) for job in journal.run(lambda tx: tx.print_jobs()).result()]


def test_what_is_not_paper_after_the_wait_is_followed_and_told_once(
    jobs: PrintJobs, journal: Journal, spooler: Spooler, told: queue.SimpleQueue[PrintMoved]
) -> None:
    assert jobs.print(PAPER, 1, clerk()) == (PrintOutcome.ACCEPTED, True)
    jobs.follow_up()
    assert told.empty()
    for outcome in (PrintOutcome.NO_PAPER, PrintOutcome.PRINTED):
        spooler.outcome = outcome
        jobs.follow_up()
        jobs.follow_up()
        assert told.get(timeout=1) == PrintMoved(PAPER.job_id, 1, outcome)
        assert told.empty()
        assert states(journal) == [(outcome.value, "p-1")]
    spooler.outcome = PrintOutcome.FAILED
    jobs.follow_up()
    assert states(journal) == [("printed", "p-1")]


def test_what_a_kill_left_is_looked_for_by_its_title(
    jobs: PrintJobs, journal: Journal, spooler: Spooler, told: queue.SimpleQueue[PrintMoved]
) -> None:
    for copy in (1, 2):
        journal.run(lambda tx, copy=copy: tx.print_job_state(PAPER.job_id, copy, "queued", None)).result()
    spooler.titles[spool_title(PAPER.title, PAPER.job_id, 1)] = "p-7"
    spooler.outcome, spooler.refuses = PrintOutcome.PRINTED, GONE
    jobs.follow_up()
    assert states(journal) == [("queued", None), ("queued", None)]
    spooler.refuses = None
    jobs.follow_up()
    assert sorted(states(journal)) == [("failed", None), ("printed", "p-7")]
    assert {told.get(timeout=1).outcome for _ in range(2)} == {PrintOutcome.FAILED, PrintOutcome.PRINTED}
    assert told.empty()


def test_what_the_spooler_did_not_take_is_not_followed(
    jobs: PrintJobs, journal: Journal, spooler: Spooler, told: queue.SimpleQueue[PrintMoved]
) -> None:
    spooler.refuses = GONE
    assert jobs.print(PAPER, 1, clerk()) == (PrintOutcome.NO_PRINTER, False)
    jobs.follow_up()
    assert states(journal) == [("no_printer", None)]
    assert told.empty()


def test_without_permission_nothing_is_queued(jobs: PrintJobs, journal: Journal) -> None:
    refused = jobs.print(PAPER, 1, clerk(frozenset()))
    assert isinstance(refused, Refusal)
    assert refused.code == "NOT-PERMITTED"
    assert states(journal) == []


def test_a_journal_that_cannot_be_read_is_asked_again_later(jobs: PrintJobs, journal: Journal) -> None:
    journal.close()
    jobs.follow_up()


def test_no_two_copies_have_one_title() -> None:
    titles = {spool_title("受理回执", f"01920000-0000-7000-8000-{n:012x}", copy) for n in range(50) for copy in (1, 2)}
    assert len(titles) == 100
