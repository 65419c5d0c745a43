"""What a restored journal has to ask the province, and what comes back, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.clock import Moment
from app.domain.operation import DeliveryState, Destination, Operation, Outcome, canonical_json
from app.journal import audit_chain, outbox, tasks
from app.journal.audit_chain import Entry
from app.journal.book import Book, at, fact, set_fact
from app.journal.restore import RECONCILE
from app.journal.tables import COUNTER, DELIVERY, OPERATION, TASK
from app.province.port import OwnOperation

ACTOR = "restore"
NOT_KNOWN = "-"
"""Stands for what the province was never told: who took it, and its acceptance number."""
_COUNTER = f"device_seq/{Destination.PROVINCE.value}"
_STOPPED = "stopped"
_PROVINCE = DELIVERY.c.destination == Destination.PROVINCE.value


@dataclass(frozen=True)
class Reused:
    """A number of this machine that is another operation at the province."""

    device_seq: int
    op_id: str
    """The operation that has the number here."""


class ReconcileBook:
    """One transaction's view."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def due(self) -> bool:
        """Tell whether the province has to be asked before anything is sent."""
        return bool(fact(self._book, RECONCILE))

    def stopped(self) -> Reused | None:
        """Return what stopped all sending while its task is open; a task that was closed ends it."""
        known = self._known()
        op_id = known.get(_STOPPED)
        if op_id is None:
            return None
        open_task = select(TASK.c.op_id).where(
            TASK.c.op_id == op_id, TASK.c.destination == Destination.PROVINCE.value, TASK.c.closed_at.is_(None)
        )
        if self._book.connection.scalar(open_task) is None:
            self._write({**known, _STOPPED: None, "seen": [*_texts(known.get("seen")), str(op_id)]})
            return None
        number = select(DELIVERY.c.device_seq).where(DELIVERY.c.op_id == op_id, _PROVINCE)
        return Reused(self._book.connection.execute(number).scalar_one(), str(op_id))

    def ask_after(self) -> int:
        """Return the number after which the province's operations are wanted: with the last one here, to compare it,
        and with every one that waits.
        """
        known = self._known().get(_COUNTER, 0)
        last = known if isinstance(known, int) else 0
        waiting = select(func.min(DELIVERY.c.device_seq)).where(_PROVINCE, DELIVERY.c.answered_at.is_(None))
        oldest = self._book.connection.scalar(waiting)
        return max(min(last, oldest if oldest is not None else last) - 1, 0)

    def take(self, page: Sequence[OwnOperation]) -> Reused | None:
        """Write what is missing here; the first number that is another operation here opens a task and stops."""
        seen = _texts(self._known().get("seen"))
        for own in page:
            here = self._here(own)
            if here is None:
                self._pull_back(own)
            elif here != (own.op_id, own.payload_sm3) and here[0] not in seen:
                reused = Reused(own.device_seq, here[0])
                self._stop(reused)
                return reused
        return None

    def finish(self, highest: int) -> None:
        """Note that the province was asked; numbers go on above the highest that it has."""
        set_fact(self._book, RECONCILE, "")
        behind = update(COUNTER).where(COUNTER.c.name == _COUNTER, COUNTER.c.value < highest).values(value=highest)
        self._book.connection.execute(behind)

    def _here(self, own: OwnOperation) -> tuple[str, str] | None:
        """Return id and digest of what has the operation's number here, or of the operation itself."""
        found = (
            select(OPERATION.c.op_id, OPERATION.c.payload_sm3)
            .join(DELIVERY, DELIVERY.c.op_id == OPERATION.c.op_id)
            .where(_PROVINCE)
        )
        row = self._book.connection.execute(
            found.where((DELIVERY.c.device_seq == own.device_seq) | (OPERATION.c.op_id == own.op_id))
            # The operation itself first: another one's number matters only where this one is not here.
            .order_by(OPERATION.c.op_id != own.op_id)
        ).first()
        return None if row is None else (row.op_id, row.payload_sm3)

    def _pull_back(self, own: OwnOperation) -> None:
        book, answer = self._book, own.answer
        outbox.enqueue(
            book,
            Operation(
                op_id=own.op_id,
                kind=own.kind,
                order_key=own.order_key,
                payload=own.payload,
                # Another boot's counted seconds say nothing.
                occurred=Moment(own.occurred_at, 0.0, NOT_KNOWN),
                clerk=NOT_KNOWN,
                acceptance_no=NOT_KNOWN,
                base_version=own.base_version,
                schema_ver=own.schema_ver,
            ),
            (),
        )
        # An answer that is stored is final.
        outcome = Outcome.CONFLICT if answer.outcome is Outcome.RETRY else answer.outcome
        book.connection.execute(
            insert(DELIVERY).values(
                op_id=own.op_id,
                destination=Destination.PROVINCE.value,
                device_seq=own.device_seq,
                order_key=own.order_key,
                state=DeliveryState(outcome.value).value,
                attempts=1,
                reason=answer.reason,
                effect_at=None if answer.effect_at is None else answer.effect_at.isoformat(timespec="microseconds"),
                answered_at=at(book),
            )
        )
        if outcome is not Outcome.APPLIED:
            action = "TASK-REJECTED" if outcome is Outcome.REJECTED else "TASK-CONFLICT"
            reason = answer.reason or outcome.value
            tasks.open_task(book, own.op_id, Destination.PROVINCE, reason, answer.message, action)
        audit_chain.append(book, [Entry("operation.pulled_back", ACTOR, outcome.value, own.op_id, {})])

    def _stop(self, reused: Reused) -> None:
        book = self._book
        told = {
            "reason": "RESTORE-SEQUENCE-REUSED",
            "next_action": "TASK-SEQUENCE-REUSED",
            "since": at(book),
            "closed_at": None,
            "closed_by": None,
        }
        new = upsert(TASK).values(op_id=reused.op_id, destination=Destination.PROVINCE.value, **told)
        book.connection.execute(new.on_conflict_do_update(index_elements=["op_id", "destination"], set_=told))
        self._write({**self._known(), _STOPPED: reused.op_id})
        detail = {"device_seq": str(reused.device_seq)}
        audit_chain.append(book, [Entry("sending.stopped", ACTOR, "refused", reused.op_id, detail)])

    def _known(self) -> Mapping[str, object]:
        known: Mapping[str, object] = json.loads(fact(self._book, RECONCILE) or "{}")
        return known

    def _write(self, known: Mapping[str, object]) -> None:
        set_fact(self._book, RECONCILE, canonical_json(known))


def _texts(found: object) -> list[str]:
    return [str(text) for text in found] if isinstance(found, list) else []
