"""What waits for a person: deliveries that were refused, conflict, or have grown too old to send."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from app.domain.operation import Destination
from app.journal.book import Book, as_datetime, at
from app.journal.outbox_values import Task
from app.journal.tables import OPERATION, TASK


def open_task(
    book: Book, op_id: str, destination: Destination, reason: str, message: str | None, next_action: str
) -> None:
    """Put a delivery on a person's list."""
    book.connection.execute(
        insert(TASK).values(
            op_id=op_id,
            destination=destination.value,
            reason=reason,
            message=message,
            next_action=next_action,
            since=at(book),
        )
    )


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
            row.message,
            row.next_action,
            as_datetime(row.since),
        )
        for row in found
    )


def close_task(book: Book, op_id: str, actor: str, note: str, destination: Destination) -> bool:
    """Mark a task done by a person; False when there is no such open task. The delivery keeps its outcome."""
    closed = book.connection.execute(
        update(TASK)
        .where(TASK.c.op_id == op_id, TASK.c.destination == destination.value, TASK.c.closed_at.is_(None))
        .values(closed_at=at(book), closed_by=actor, note=note)
    )
    return closed.rowcount == 1
