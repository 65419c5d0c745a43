"""Designs that are known to be bad (reliability.md section 2): a lab that does not catch each of them proves nothing.

Each replaces one part of the service, in the child alone; the program itself has no switch for any of them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, bindparam, select

from app.domain.actor import Actor
from app.domain.op_id import new_op_id
from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.journal import outbox
from app.journal.dispatch import Dispatcher, upload_item
from app.journal.journal import Journal
from app.journal.outbox_values import LeasedDelivery
from app.journal.tables import DELIVERY
from app.journal.transaction import Transaction
from app.journal.written_out import WrittenOut
from app.province.port import ItemAnswer, UploadBatch, UploadItem
from app.services.doorway import Done
from tests.crash.lab.ledger_province import LedgerProvince, apply, is_answered, mark
from tests.crash.lab.service import CATALOGUE, Design, shipped_door

Handler = Callable[[Transaction], "Done[Any] | Refusal"]


class TwoTransactions:
    """Commits the operation, then its audit row."""

    def __init__(self, journal: Journal, _promise: Callable[[str], None]) -> None:
        self._journal = journal

    def execute(
        self, command: str, actor: Actor, handler: Handler, _signed: object = None, *, card_proved: bool = False
    ) -> Future[Any]:
        outcome: Future[Any] = Future()
        done = self._journal.run(handler).result()
        if isinstance(done, Refusal):
            outcome.set_result(done)
            return outcome
        event = CATALOGUE.commands[command].audit
        self._journal.run(lambda tx: tx.audit(event, actor.staff_no, "done", done.op_id)).result()
        outcome.set_result(done.result)
        return outcome


class AcknowledgedEarly:
    """Says that it is saved before it is."""

    def __init__(self, journal: Journal, promise: Callable[[str], None]) -> None:
        self._door = shipped_door(journal, promise)
        self._promise = promise

    def execute(
        self, command: str, actor: Actor, handler: Handler, _signed: object = None, *, card_proved: bool = False
    ) -> Future[Any]:
        def early(tx: Transaction) -> Done[Any] | Refusal:
            done = handler(tx)
            if isinstance(done, Done):
                self._promise(done.op_id or "")
            return done

        return self._door.execute(command, actor, early, card_proved=card_proved)


class NoIdempotency(LedgerProvince):
    """Applies whatever comes."""

    def _take(self, line: sqlite3.Connection, item: UploadItem) -> ItemAnswer:
        apply(line, item)
        return ItemAnswer(item.op_id, Outcome.APPLIED)


class KeyPerAttempt(LedgerProvince):
    """Is told another op_id at each attempt, as by a sender that makes the key when it sends."""

    def take(self, line: sqlite3.Connection, items: Sequence[UploadItem]) -> tuple[ItemAnswer, ...]:
        fresh = [replace(item, op_id=new_op_id(self.clock())) for item in items]
        answers = super().take(line, fresh)
        return tuple(replace(answer, op_id=item.op_id) for answer, item in zip(answers, items, strict=True))


class MarkedApart(LedgerProvince):
    """Remembers an operation in one transaction and applies it in another."""

    def take(self, line: sqlite3.Connection, items: Sequence[UploadItem]) -> tuple[ItemAnswer, ...]:
        fresh = [item for item in items if not is_answered(line, item.op_id)]
        line.execute("BEGIN IMMEDIATE")
        for item in fresh:
            mark(line, item.op_id)
        line.execute("COMMIT")
        # The effect is made by another of its systems.
        time.sleep(0.02)
        line.execute("BEGIN IMMEDIATE")
        for item in fresh:
            apply(line, item)
        line.execute("COMMIT")
        return tuple(ItemAnswer(item.op_id, Outcome.APPLIED) for item in items)


def without_order() -> None:
    """Let every open delivery be sent, not the oldest of each key only."""
    heads = DELIVERY.c.destination == bindparam("to"), outbox._OPEN
    open_ones = outbox._STORED.where(*heads, outbox._NOT_HELD).order_by(DELIVERY.c.device_seq)
    outbox._IN_ORDER = WrittenOut(open_ones.limit(bindparam("limit", type_=Integer)))
    outbox._ANY_DUE = WrittenOut(select(DELIVERY.c.op_id).where(*heads, outbox._NOT_HELD).limit(1))


def delivered_before_sent() -> None:
    """Write what became of a delivery, then send it."""

    def upload(self: Dispatcher, batch: Sequence[LeasedDelivery]) -> None:
        items = [upload_item(delivery) for delivery in batch]
        self._answered(batch, {item.op_id: ItemAnswer(item.op_id, Outcome.APPLIED) for item in items})
        self._begin_writing(lease=False)
        self._end_writing()
        self._province.upload(UploadBatch(self._device, self._journal.incarnation, items))
        self._came_back()

    Dispatcher._upload = upload  # type: ignore[method-assign]


MUTANTS = (
    Design("two transactions", door=TwoTransactions),
    Design("acknowledged before the commit", door=AcknowledgedEarly),
    Design("no idempotency", province=NoIdempotency),
    Design("a key per attempt", province=KeyPerAttempt),
    Design("no order per key", prepare=without_order),
    Design("mark in its own transaction", province=MarkedApart),
    Design("delivered before it is sent", prepare=delivered_before_sent),
)
"""What each must be caught by is told by `CAUGHT_BY`."""

CAUGHT_BY = {
    "two transactions": "half",
    "acknowledged before the commit": "lost",
    "no idempotency": "twice",
    "a key per attempt": "twice",
    "no order per key": "disordered",
    "mark in its own transaction": "missing",
    "delivered before it is sent": "missing",
}
