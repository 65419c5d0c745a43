"""Receipts: composed once from the journal, rendered once, then previewed, printed and kept as the same bytes."""

from __future__ import annotations

import time
from dataclasses import replace

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.op_id import new_op_id
from app.domain.operation import Operation
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.receipt_content import ReceiptContent, from_json, to_json
from app.services.receipt_worker import ReceiptWorker
from app.services.receipt_writer import ReceiptWriter
from app.services.saga_outcome import TakenState, taken_state
from app.services.views import ReceiptView, VisitView
from hardware.ports import PrinterStatus, PrintOutcome
from hardware.printers.print_thread import PrinterActor

PRINT_WATCH_S = 6.0
PRINT_POLL_S = 0.1


class Receipts:
    """Composes, keeps and prints receipts. Methods block; never on the GUI thread."""

    def __init__(
        self,
        doorway: Doorway,
        journal: Journal,
        worker: ReceiptWorker,
        printer: PrinterActor,
        clock: Clock,
        writer: ReceiptWriter,
    ) -> None:
        self._doorway = doorway
        self._journal = journal
        self._worker = worker
        self._printer = printer
        self._clock = clock
        self._writer = writer

    def compose(self, op_id: str, visit: VisitView, actor: Actor) -> ReceiptView | Refusal:
        """Render an operation's receipt as it stands now and keep it."""

        def read(tx: Transaction) -> tuple[Operation, TakenState]:
            return tx.operation(op_id), taken_state(tx, op_id)

        operation, taken = self._journal.run(read).result()
        return self._render(op_id, self._writer.write(operation, taken, visit, actor))

    def print_copy(self, view: ReceiptView, actor: Actor) -> ReceiptView | Refusal:
        """Send the kept bytes to the spooler; the business stands whatever the printer says.

        A further copy is marked 补打第N次, so it is rendered and kept as a receipt of its own.
        """
        if view.copies:
            marked = self._render(view.op_id, replace(from_json(view.content), reprint=view.copies))
            view = replace(marked, copies=view.copies)
        copy = view.copies + 1
        digest = sm3_hex(view.pdf)

        def queue(tx: Transaction) -> Done[str]:
            tx.print_job_state(view.job_id, copy, "queued", None)
            return Done(view.job_id, view.op_id, (("copy", str(copy)), ("sm3", digest)))

        queued = self._doorway.execute("print_receipt", actor, queue).result()
        if isinstance(queued, Refusal):
            return queued
        answer = self._printer.submit(view.pdf, view.title).result()
        if isinstance(answer, PrinterStatus):
            self._note(view.job_id, copy, answer.outcome, None)
            return replace(view, state=answer.outcome)
        outcome = self._watch(view.job_id, copy, answer)
        return replace(view, state=outcome, copies=copy)

    def _watch(self, job_id: str, copy: int, spool_id: str) -> PrintOutcome:
        """Follow a job until it is paper, or for as long as a clerk would wait; what waits longer stays queued."""
        until = time.monotonic() + PRINT_WATCH_S
        outcome = PrintOutcome.ACCEPTED
        self._note(job_id, copy, outcome, spool_id)
        while outcome is PrintOutcome.ACCEPTED and time.monotonic() < until:
            outcome = self._printer.job_outcome(spool_id).result()
            if outcome is PrintOutcome.ACCEPTED:
                time.sleep(PRINT_POLL_S)
        self._note(job_id, copy, outcome, spool_id)
        return outcome

    def _note(self, job_id: str, copy: int, outcome: PrintOutcome, spool_id: str | None) -> None:
        self._journal.run(lambda tx: tx.print_job_state(job_id, copy, outcome.value, spool_id)).result()

    def _render(self, op_id: str, content: ReceiptContent) -> ReceiptView:
        pdf = self._worker.render(content).result()
        job_id = new_op_id(self._clock.now())
        self._journal.run(lambda tx: tx.save_receipt(job_id, op_id, content.title, pdf)).result()
        return ReceiptView(job_id, op_id, content.title, pdf, None, content=to_json(content))
