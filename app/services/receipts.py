"""Receipts: composed once from the journal, rendered once, then previewed, printed and kept as the same bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.catalogue import masks
from app.catalogue.forms import FormRow
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.clock import HALL_ZONE, Clock
from app.domain.digest import sm3_hex
from app.domain.op_id import new_op_id
from app.domain.operation import DeliveryState, Destination, Operation, OperationKind
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.receipt_content import ReceiptContent, from_json, to_json
from app.services.receipt_worker import ReceiptWorker
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
        forms: Mapping[OperationKind, FormRow],
        texts: Texts,
        sentences: Sentences,
        hall_name: str,
        training: bool,
    ) -> None:
        self._doorway = doorway
        self._journal = journal
        self._worker = worker
        self._printer = printer
        self._clock = clock
        self._forms = forms
        self._texts = texts
        self._sentences = sentences
        self._hall_name = hall_name
        self._training = training

    def compose(self, op_id: str, visit: VisitView, actor: Actor) -> ReceiptView | Refusal:
        """Render an operation's receipt as it stands now and keep it."""

        def read(tx: Transaction) -> tuple[Operation, DeliveryState, str | None]:
            state, reason = tx.delivery_state(op_id, Destination.PROVINCE)
            return tx.operation(op_id), state, reason

        operation, state, reason = self._journal.run(read).result()
        return self._render(op_id, self._content(operation, state, reason, visit, actor))

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

    def _content(
        self, operation: Operation, state: DeliveryState, reason: str | None, visit: VisitView, actor: Actor
    ) -> ReceiptContent:
        texts, payload = self._texts, json.loads(operation.payload)
        waiting = state in (DeliveryState.QUEUED, DeliveryState.SENDING)
        identity, hide = visit.identity, masks.load().hide
        rows = [(texts("fields.card_number"), hide("card_number", identity.card_number or ""))]
        rows += self._entered(operation.kind, payload)
        checked = payload["check_id"] is not None and not payload["offline"]
        rows.append((texts("receipt_words.check"), texts(f"receipt_words.check_{'done' if checked else 'not_done'}")))
        bank_line = visit.profile.bank_line if visit.profile is not None else texts("receipt_words.bank_line_unknown")
        return ReceiptContent(
            title=texts(f"receipt_words.title_{operation.kind}"),
            acceptance_no=operation.acceptance_no,
            hall=self._hall_name,
            window=actor.window,
            clerk=actor.staff_no,
            time=operation.occurred.wall.astimezone(HALL_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            holder=identity.name or texts("receipt_words.holder_unseen"),
            citizen_number=hide("citizen_number", identity.citizen_number or ""),
            service=texts(f"services.{operation.kind}"),
            result=self._result(operation.kind, state, reason),
            rows=tuple(rows),
            notices=self._notices(operation.kind, waiting, bank_line),
            offline=waiting,
            training=self._training,
            reprint=0,
            bank_line=bank_line,
        )

    def _entered(self, kind: OperationKind, payload: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Yield what the form's fields say on paper, by label."""
        texts, hide = self._texts, masks.load().hide
        for field in self._forms[kind].fields:
            value = payload.get(field.sent_as)
            if field.on_paper and isinstance(value, str) and value:
                words = texts(f"choices.{field.choice_list}.{value}") if field.choices else hide(field.mask, value)
                yield texts(f"fields.{field.label}"), words

    def _result(self, kind: OperationKind, state: DeliveryState, reason: str | None) -> str:
        match state:
            case DeliveryState.APPLIED:
                return self._texts(f"receipt_words.result_applied_{kind}")
            case DeliveryState.QUEUED | DeliveryState.SENDING:
                return self._texts("receipt_words.result_waiting")
            case DeliveryState.REJECTED | DeliveryState.CONFLICT:
                sentence = self._sentences.code(reason or "UNKNOWN")
                return self._texts("receipt_words.result_refused", reason=sentence.text)

    def _notices(self, kind: OperationKind, waiting: bool, bank_line: str) -> tuple[str, ...]:
        if not waiting:
            return (self._texts(f"receipt_words.next_{kind}"),)
        if kind is OperationKind.TEMPORARY_LOSS:
            return (self._texts("services.offline_loss", bank_line=bank_line),)
        return (self._texts("services.offline_intake"),)
