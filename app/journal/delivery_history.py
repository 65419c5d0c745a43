"""One operation with everything that was written of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.domain.operation import OutboxRow
from app.journal import outbox
from app.journal.book import Book, as_datetime
from app.journal.tables import AUDIT, OPERATION, TASK


@dataclass(frozen=True)
class HistoryRow:
    """One row of the audit chain that names the operation."""

    at: str
    event: str
    actor: str
    result: str
    detail: Mapping[str, str]


@dataclass(frozen=True)
class OperationHistory:
    """An operation, its deliveries, and what happened to it, oldest first."""

    occurred_at: datetime
    clerk: str
    deliveries: tuple[OutboxRow, ...]
    history: tuple[HistoryRow, ...]
    next_action: str | None
    """Code of the open task's remedy; None where nobody has to do anything."""


def history_of(book: Book, number: str) -> OperationHistory | None:
    """Find an operation by op_id or 办件编号; None for one that was never written here. Reads the whole chain."""
    wanted = or_(OPERATION.c.op_id == number, OPERATION.c.acceptance_no == number)
    op_id = book.connection.scalar(select(OPERATION.c.op_id).where(wanted).order_by(OPERATION.c.op_id.desc()))
    if op_id is None:
        return None
    shown = (AUDIT.c.at, AUDIT.c.event, AUDIT.c.actor, AUDIT.c.result, AUDIT.c.detail)
    rows = book.connection.execute(select(*shown).where(AUDIT.c.op_id == op_id).order_by(AUDIT.c.n))
    task = select(TASK.c.next_action).where(TASK.c.op_id == op_id, TASK.c.closed_at.is_(None))
    taken = book.connection.execute(
        select(OPERATION.c.occurred_at, OPERATION.c.clerk).where(OPERATION.c.op_id == op_id)
    ).one()
    return OperationHistory(
        as_datetime(taken.occurred_at),
        taken.clerk,
        outbox.rows_of(book, op_id),
        tuple(HistoryRow(row.at, row.event, row.actor, row.result, json.loads(row.detail)) for row in rows),
        book.connection.scalar(task),
    )
