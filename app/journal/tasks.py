"""What waits for a person: deliveries that were refused, conflict, or have grown too old to send."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.operation import Destination
from app.journal import sealed_columns
from app.journal.book import Book, as_datetime, at
from app.journal.outbox_values import Task
from app.journal.tables import OPERATION, TASK
from app.journal.written_out import WrittenOut, listed

STUCK = "TASK-STUCK"
_CLOSE_STUCK = WrittenOut(
    update(TASK)
    .where(
        TASK.c.destination == bindparam("to"),
        TASK.c.op_id.in_(listed("some")),
        TASK.c.closed_at.is_(None),
        TASK.c.next_action == STUCK,
    )
    .values(closed_at=bindparam("now"), closed_by="sender")
)
_OPEN_TASKS = WrittenOut(select(func.count()).select_from(TASK).where(TASK.c.closed_at.is_(None)))


def open_task(
    book: Book, op_id: str, destination: Destination, reason: str, message: str | None, next_action: str
) -> None:
    """Put a delivery on a person's list; what stood there of it before gives way."""
    values = {
        "reason": reason,
        "message": message,
        "next_action": next_action,
        "since": at(book),
        "closed_at": None,
        "closed_by": None,
        "note": None,
    }
    stored = sealed_columns.put(book, TASK, values, (op_id, destination.value))
    statement = upsert(TASK).values(op_id=op_id, destination=destination.value, **stored)
    book.connection.execute(
        statement.on_conflict_do_update(index_elements=[TASK.c.op_id, TASK.c.destination], set_=stored)
    )


def is_told(book: Book, op_id: str, destination: Destination) -> bool:
    """Tell whether a delivery has a task, open or closed."""
    return book.connection.execute(select(TASK.c.op_id).where(*_of(op_id, destination))).first() is not None


def close_stuck(book: Book, op_ids: Sequence[str], destination: Destination) -> None:
    """Take deliveries off the list that were there only because they could not be delivered."""
    _CLOSE_STUCK.run(book.connection, {"now": at(book), "to": destination.value, "some": json.dumps(op_ids)})


def count_open(book: Book) -> int:
    """Count what waits for a person."""
    return int(_OPEN_TASKS.scalar(book.connection, {}))


def _of(op_id: str, destination: Destination) -> tuple[ColumnElement[bool], ...]:
    return TASK.c.op_id == op_id, TASK.c.destination == destination.value


def tasks(book: Book) -> tuple[Task, ...]:
    """Return the open tasks, oldest first."""
    found = book.connection.execute(
        select(TASK, OPERATION.c.kind, OPERATION.c.acceptance_no)
        .join(OPERATION, OPERATION.c.op_id == TASK.c.op_id)
        .where(TASK.c.closed_at.is_(None))
        .order_by(TASK.c.since)
    )
    return tuple(
        Task(
            row.op_id,
            Destination(row.destination),
            row.kind,
            row.acceptance_no,
            row.reason,
            sealed_columns.text_or_none(book, TASK.c.message, row),
            row.next_action,
            as_datetime(row.since),
        )
        for row in found.all()
    )


def close_task(book: Book, op_id: str, actor: str, note: str, destination: Destination) -> bool:
    """Mark a task done by a person; False when there is no such open task. The delivery keeps its outcome."""
    values = {"closed_at": at(book), "closed_by": actor, "note": note}
    closed = book.connection.execute(
        update(TASK)
        .where(TASK.c.op_id == op_id, TASK.c.destination == destination.value, TASK.c.closed_at.is_(None))
        .values(sealed_columns.put(book, TASK, values, (op_id, destination.value)))
    )
    return closed.rowcount == 1
