"""Deleting receipts and print jobs whose time is over; what is open in any way stays, with what belongs to it.

Operations, deliveries, sagas, audit rows and anchors are never deleted.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select

from app.journal import change_log
from app.journal.book import Book
from app.journal.receipts import at_the_spooler
from app.journal.saga_tables import SAGA
from app.journal.tables import DELIVERY, PRINT_JOB, RECEIPT, TASK


def receipts_due(book: Book, before: datetime) -> int:
    """Count the receipts that were made before a time and may go."""
    return _count(book, _receipts(before))


def print_jobs_due(book: Book, before: datetime) -> int:
    """Count the print jobs of that kind, those of receipts that go themselves not among them."""
    return _count(book, _print_jobs(before))


def purge_receipts(book: Book, before: datetime) -> int:
    """Delete receipts with their print jobs; returns how many receipts."""
    due = [row.job_id for row in book.connection.execute(_receipts(before))]
    for job_id in due:
        book.connection.execute(delete(PRINT_JOB).where(PRINT_JOB.c.job_id == job_id))
        book.connection.execute(delete(RECEIPT).where(RECEIPT.c.job_id == job_id))
    _copied_anew(book, len(due))
    return len(due)


def purge_print_jobs(book: Book, before: datetime) -> int:
    """Delete print jobs, the receipts stay; returns how many."""
    due = book.connection.execute(_print_jobs(before)).all()
    for row in due:
        book.connection.execute(delete(PRINT_JOB).where(PRINT_JOB.c.job_id == row.job_id, PRINT_JOB.c.copy == row.copy))
    _copied_anew(book, len(due))
    return len(due)


def _copied_anew(book: Book, gone: int) -> None:
    # Segments of the second place still hold what was deleted here; the next copy does not.
    if gone:
        change_log.copy_anew(book.connection)


def _receipts(before: datetime) -> Select[tuple[str]]:
    return select(RECEIPT.c.job_id).where(
        RECEIPT.c.created_at < before.isoformat(timespec="microseconds"),
        *_settled(),
        ~exists().where(PRINT_JOB.c.job_id == RECEIPT.c.job_id, at_the_spooler()),
    )


def _print_jobs(before: datetime) -> Select[tuple[str, int]]:
    return (
        select(PRINT_JOB.c.job_id, PRINT_JOB.c.copy)
        .join(RECEIPT, RECEIPT.c.job_id == PRINT_JOB.c.job_id)
        .where(PRINT_JOB.c.at < before.isoformat(timespec="microseconds"), ~at_the_spooler(), *_settled())
    )


def _settled() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a receipt of an operation that nobody waits for any more."""
    op_id = RECEIPT.c.op_id
    return (
        ~exists().where(DELIVERY.c.op_id == op_id, DELIVERY.c.answered_at.is_(None)),
        ~exists().where(TASK.c.op_id == op_id, TASK.c.closed_at.is_(None)),
        ~exists().where(SAGA.c.saga_id == op_id, SAGA.c.ended_at.is_(None)),
    )


def _count(book: Book, due: Select[tuple[str]] | Select[tuple[str, int]]) -> int:
    return book.connection.scalar(select(func.count()).select_from(due.subquery())) or 0
