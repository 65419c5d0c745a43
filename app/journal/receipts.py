"""Receipts kept as the bytes that were previewed and printed, and their print jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.digest import sm3_hex
from app.journal import sealed_columns
from app.journal.book import Book, as_datetime, at
from app.journal.tables import PRINT_JOB, RECEIPT

_QUEUED = "queued"
_ENDED = ("printed", "failed")


@dataclass(frozen=True)
class StoredReceipt:
    """A receipt rendered once."""

    job_id: str
    op_id: str
    title: str
    pdf: bytes
    pdf_sm3: str
    created_at: datetime


@dataclass(frozen=True)
class PrintJob:
    """One copy on its way to paper; `state` is `queued` or a spooler's outcome."""

    job_id: str
    copy: int
    state: str
    spool_id: str | None
    at: datetime
    title: str
    """Of its receipt."""


def save(book: Book, job_id: str, op_id: str, title: str, pdf: bytes) -> str:
    """Keep a receipt; returns the SM3 of its bytes."""
    digest = sm3_hex(pdf)
    values = {
        "job_id": job_id,
        "op_id": op_id,
        "title": title,
        "pdf": pdf,
        "pdf_sm3": digest,
        "created_at": at(book),
    }
    book.connection.execute(insert(RECEIPT).values(sealed_columns.put(book, RECEIPT, values)))
    return digest


def receipt(book: Book, job_id: str) -> StoredReceipt | None:
    """Return one receipt."""
    found = _receipts(book, job_id=job_id)
    return found[0] if found else None


def receipts_of(book: Book, op_id: str) -> tuple[StoredReceipt, ...]:
    """Return an operation's receipts, oldest first."""
    return _receipts(book, op_id=op_id)


def set_print_state(book: Book, job_id: str, copy: int, state: str, spool_id: str | None) -> None:
    """Write the state of one copy, first or again."""
    values = {"state": state, "spool_id": spool_id, "at": at(book)}
    book.connection.execute(
        upsert(PRINT_JOB)
        .values(job_id=job_id, copy=copy, **values)
        .on_conflict_do_update(index_elements=["job_id", "copy"], set_=values)
    )


def print_jobs(book: Book, job_id: str | None, limit: int) -> tuple[PrintJob, ...]:
    """Return print jobs, newest first; of one receipt, or of all."""
    return _print_jobs(book, limit, *((PRINT_JOB.c.job_id == job_id,) if job_id is not None else ()))


def open_print_jobs(book: Book, limit: int) -> tuple[PrintJob, ...]:
    """Return the copies of which nobody knows yet whether they became paper, newest first."""
    return _print_jobs(book, limit, at_the_spooler())


def at_the_spooler() -> ColumnElement[bool]:
    """Return what holds for a copy of which nobody knows yet whether it became paper."""
    taken = PRINT_JOB.c.spool_id.is_not(None) & PRINT_JOB.c.state.not_in(_ENDED)
    return taken | (PRINT_JOB.c.state == _QUEUED)


def _print_jobs(book: Book, limit: int, *where: ColumnElement[bool]) -> tuple[PrintJob, ...]:
    found = (
        select(PRINT_JOB, RECEIPT.c.title)
        .join(RECEIPT, RECEIPT.c.job_id == PRINT_JOB.c.job_id)
        .where(*where)
        .order_by(PRINT_JOB.c.at.desc(), PRINT_JOB.c.copy.desc())
        .limit(limit)
    )
    return tuple(
        PrintJob(row.job_id, row.copy, row.state, row.spool_id, as_datetime(row.at), row.title)
        for row in book.connection.execute(found)
    )


def _receipts(book: Book, **where: str) -> tuple[StoredReceipt, ...]:
    query = select(RECEIPT).filter_by(**where).order_by(RECEIPT.c.created_at)
    return tuple(
        StoredReceipt(
            row.job_id,
            row.op_id,
            row.title,
            sealed_columns.blob(book, RECEIPT.c.pdf, row),
            row.pdf_sm3,
            as_datetime(row.created_at),
        )
        for row in book.connection.execute(query).all()
    )
