"""Print jobs: each copy is a row with a state; one that a clerk no longer waits for is followed to its end.

The printer is a world outside (DESIGN.md rule 2): the row is written before the spooler is asked, and a job that a kill
left without an answer is looked for under its title.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.domain.actor import Actor
from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.receipts import PrintJob
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.services.doorway import Done, Doorway
from app.services.events import PrintMoved
from app.services.views import ReceiptView
from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.print_thread import PrinterActor

WATCH_S = 6.0
POLL_S = 0.1
FOLLOWED = 20
"""So many open jobs are asked about; older ones were long taken off the printer by hand."""


class PrintJobs:
    """Hands copies to the spooler and writes down what became of them. Methods block; never on the GUI thread."""

    def __init__(
        self, journal: Journal, doorway: Doorway, printer: PrinterActor, publish: Callable[[PrintMoved], None]
    ) -> None:
        self._journal = journal
        self._doorway = doorway
        self._printer = printer
        self._publish = publish
        self._lock = threading.Lock()
        self._in_hand: set[tuple[str, int]] = set()

    def print(self, view: ReceiptView, copy: int, actor: Actor) -> tuple[PrintOutcome, bool] | Refusal:
        """Print one copy and wait as long as a clerk would; tells whether the spooler took it."""
        digest = sm3_hex(view.pdf)

        def queue(tx: Transaction) -> Done[None]:
            tx.print_job_state(view.job_id, copy, "queued", None)
            return Done(None, view.op_id, (("copy", str(copy)), ("sm3", digest)))

        with self._held(view.job_id, copy):
            queued = self._doorway.execute("print_receipt", actor, queue).result()
            if isinstance(queued, Refusal):
                return queued
            answer = self._printer.submit(view.pdf, spool_title(view.title, view.job_id, copy)).result()
            if isinstance(answer, PrinterStatus):
                self._note(view.job_id, copy, answer.outcome, None)
                return answer.outcome, False
            fault_point("after_spool")
            return self._watch(view.job_id, copy, answer), True

    def follow_up(self) -> None:
        """Ask what became of the jobs that nobody waits for, also of those that an earlier run left."""
        try:
            for job in self._journal.run(lambda tx: tx.open_print_jobs(FOLLOWED)).result():
                self._follow(job)
        except JournalRefused:
            # Whoever works meets the same refusal and is told; this is asked again in a few seconds.
            return

    def _follow(self, job: PrintJob) -> None:
        with self._lock:
            if (job.job_id, job.copy) in self._in_hand:
                return
        spool_id: str | PrinterStatus | None = job.spool_id
        if spool_id is None:
            spool_id = self._printer.find(spool_title(job.title, job.job_id, job.copy)).result()
        if isinstance(spool_id, PrinterStatus):
            return
        outcome = PrintOutcome.FAILED if spool_id is None else self._printer.job_outcome(spool_id).result()
        if outcome.value != job.state:
            self._note(job.job_id, job.copy, outcome, spool_id)
            self._publish(PrintMoved(job.job_id, job.copy, outcome))

    def _watch(self, job_id: str, copy: int, spool_id: str) -> PrintOutcome:
        until = time.monotonic() + WATCH_S
        outcome = PrintOutcome.ACCEPTED
        self._note(job_id, copy, outcome, spool_id)
        while outcome is PrintOutcome.ACCEPTED and time.monotonic() < until:
            outcome = self._printer.job_outcome(spool_id).result()
            if outcome is PrintOutcome.ACCEPTED:
                time.sleep(POLL_S)
        self._note(job_id, copy, outcome, spool_id)
        return outcome

    def _note(self, job_id: str, copy: int, outcome: PrintOutcome, spool_id: str | None) -> None:
        self._journal.run(lambda tx: tx.print_job_state(job_id, copy, outcome.value, spool_id)).result()

    @contextmanager
    def _held(self, job_id: str, copy: int) -> Iterator[None]:
        with self._lock:
            self._in_hand.add((job_id, copy))
        try:
            yield
        finally:
            with self._lock:
                self._in_hand.discard((job_id, copy))


def spool_title(title: str, job_id: str, copy: int) -> str:
    """Return a job's title at the spooler: no two are the same, and nobody's name is in it."""
    return f"{title} {job_id.replace('-', '')[-12:]}-{copy}"
