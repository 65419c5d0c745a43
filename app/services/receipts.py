"""Receipts: composed once from the journal, rendered once, then previewed, printed and kept as the same bytes."""

from __future__ import annotations

from dataclasses import replace

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.op_id import new_op_id
from app.domain.operation import Operation
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.print_jobs import PrintJobs
from app.services.receipt_content import ReceiptContent, from_json, to_json
from app.services.receipt_worker import ReceiptWorker
from app.services.receipt_writer import ReceiptWriter
from app.services.saga_outcome import TakenState, taken_state
from app.services.views import ReceiptView, VisitView


class Receipts:
    """Composes, keeps and prints receipts. Methods block; never on the GUI thread."""

    def __init__(
        self,
        journal: Journal,
        worker: ReceiptWorker,
        jobs: PrintJobs,
        clock: Clock,
        writer: ReceiptWriter,
    ) -> None:
        self._journal = journal
        self._worker = worker
        self._jobs = jobs
        self._clock = clock
        self._writer = writer

    def compose(self, op_id: str, visit: VisitView, actor: Actor) -> ReceiptView | Refusal:
        """Render an operation's receipt as it stands now and keep it."""
        return self._render(op_id, self._content(op_id, visit, actor))

    def still_says_so(self, view: ReceiptView, visit: VisitView, actor: Actor) -> bool:
        """Tell whether a receipt, if it were written now, would say the same of the operation."""
        now, then = self._content(view.op_id, visit, actor), from_json(view.content)
        return (now.result, now.notices, now.rows) == (then.result, then.notices, then.rows)

    def print_copy(self, view: ReceiptView, actor: Actor) -> ReceiptView | Refusal:
        """Send the kept bytes to the spooler; the business stands whatever the printer says.

        A further copy is marked 补打第N次, so it is rendered and kept as a receipt of its own.
        """
        if view.copies:
            marked = self._render(view.op_id, replace(from_json(view.content), reprint=view.copies))
            view = replace(marked, copies=view.copies)
        printed = self._jobs.print(view, view.copies + 1, actor)
        if isinstance(printed, Refusal):
            return printed
        state, taken = printed
        return replace(view, state=state, copies=view.copies + taken)

    def _content(self, op_id: str, visit: VisitView, actor: Actor) -> ReceiptContent:
        def read(tx: Transaction) -> tuple[Operation, TakenState]:
            return tx.operation(op_id), taken_state(tx, op_id)

        operation, taken = self._journal.run(read).result()
        return self._writer.write(operation, taken, visit, actor)

    def _render(self, op_id: str, content: ReceiptContent) -> ReceiptView:
        pdf = self._worker.render(content).result()
        job_id = new_op_id(self._clock.now())
        self._journal.run(lambda tx: tx.save_receipt(job_id, op_id, content.title, pdf)).result()
        return ReceiptView(job_id, op_id, content.title, pdf, None, content=to_json(content))
