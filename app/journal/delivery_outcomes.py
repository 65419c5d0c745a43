"""Writing what became of deliveries, a batch at a time: the statements are made once, and run over all rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from app.domain.operation import DeliveryState, Destination, Outcome
from app.journal import sealed_columns, tasks
from app.journal.book import Book, at
from app.journal.tables import DELIVERY
from app.journal.written_out import WrittenOut, listed

_OPEN = DELIVERY.c.answered_at.is_(None)
_END_STATES = {
    Outcome.APPLIED: DeliveryState.APPLIED,
    Outcome.REJECTED: DeliveryState.REJECTED,
    Outcome.CONFLICT: DeliveryState.CONFLICT,
}
_TASKS = {Outcome.REJECTED: "TASK-REJECTED", Outcome.CONFLICT: "TASK-CONFLICT"}

_THIS = (DELIVERY.c.op_id == bindparam("of"), DELIVERY.c.destination == bindparam("to"), _OPEN)
_STILL_OPEN = WrittenOut(
    select(DELIVERY.c.op_id).where(
        DELIVERY.c.destination == bindparam("to"), _OPEN, DELIVERY.c.op_id.in_(listed("some"))
    )
)
_LEASE, _AGAIN, _END = (
    WrittenOut(update(DELIVERY).where(*_THIS).values({name: bindparam(f"new_{name}") for name in names}))
    for names in (
        ("state", "attempts", "hold_boot", "hold_until"),
        ("state", "hold_boot", "hold_until", "reason", "message"),
        ("state", "hold_boot", "hold_until", "reason", "message", "effect_at", "answered_at"),
    )
)


@dataclass(frozen=True)
class Told:
    """What became of one try; RETRY queues the delivery again, held for `next_try_in` seconds."""

    op_id: str
    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    next_try_in: float | None = None
    effect_at: datetime | None = None
    next_action: str | None = None
    """Code of the task, where it is not that of the outcome."""


def take(book: Book, destination: Destination, attempts: Sequence[tuple[str, int]], lease_s: float) -> None:
    """Mark deliveries as being sent, each with the number of its try."""
    hold = {"new_hold_boot": book.clock.boot_id(), "new_hold_until": book.clock.monotonic() + lease_s}
    _LEASE.run_over(
        book.connection,
        [
            {"of": op_id, "to": destination.value, "new_state": DeliveryState.SENDING.value, "new_attempts": n, **hold}
            for op_id, n in attempts
        ],
    )


def settle(book: Book, destination: Destination, answers: Sequence[Told]) -> frozenset[str]:
    """Write outcomes; returns the op_ids that had none before, the others keep theirs. Refused ones open a task."""
    asked = {"to": destination.value, "some": json.dumps([told.op_id for told in answers])}
    still_open = frozenset(op_id for (op_id,) in _STILL_OPEN.run(book.connection, asked))
    new = [told for told in answers if told.op_id in still_open]
    _AGAIN.run_over(book.connection, [_again(book, destination, told) for told in new if told.outcome is Outcome.RETRY])
    ended = [told for told in new if told.outcome is not Outcome.RETRY]
    now = at(book)
    _END.run_over(book.connection, [_end(book, destination, told, now) for told in ended])
    _move_tasks(book, destination, ended)
    return still_open


def _move_tasks(book: Book, destination: Destination, ended: Collection[Told]) -> None:
    tasks.close_stuck(book, [told.op_id for told in ended], destination)
    for told in ended:
        action = told.next_action or _TASKS.get(told.outcome)
        if action is not None:
            reason = told.reason or told.outcome.value
            tasks.open_task(book, told.op_id, destination, reason, told.message, action)


def _again(book: Book, destination: Destination, told: Told) -> dict[str, object]:
    return {
        "of": told.op_id,
        "to": destination.value,
        "new_state": DeliveryState.QUEUED.value,
        "new_hold_boot": book.clock.boot_id(),
        "new_hold_until": book.clock.monotonic() + (told.next_try_in or 0.0),
        "new_reason": told.reason,
        "new_message": _message(book, destination, told),
    }


def _end(book: Book, destination: Destination, told: Told, now: str) -> dict[str, object]:
    effect_at = told.effect_at.isoformat(timespec="microseconds") if told.effect_at is not None else None
    return {
        "of": told.op_id,
        "to": destination.value,
        "new_state": _END_STATES[told.outcome].value,
        "new_hold_boot": None,
        "new_hold_until": None,
        "new_reason": told.reason,
        "new_message": _message(book, destination, told),
        "new_effect_at": effect_at,
        "new_answered_at": now,
    }


def _message(book: Book, destination: Destination, told: Told) -> object:
    if told.message is None:
        return None
    row = told.op_id, destination.value
    return sealed_columns.put(book, DELIVERY, {"message": told.message}, row)["message"]
