"""The last measurement of this machine's clock against the province's; one row, kept over restarts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.clock import ClockCheck, Moment
from app.journal.book import Book, as_datetime
from app.journal.tables import CLOCK_CHECK


def keep(book: Book, check: ClockCheck) -> None:
    """Keep a measurement in the place of the one before."""
    values = {
        "at": check.measured.wall.isoformat(timespec="microseconds"),
        "monotonic": check.measured.monotonic,
        "boot_id": check.measured.boot_id,
        "offset_s": check.offset_s,
    }
    statement = upsert(CLOCK_CHECK).values(one=1, **values)
    book.connection.execute(statement.on_conflict_do_update(index_elements=[CLOCK_CHECK.c.one], set_=values))


def last(book: Book) -> ClockCheck | None:
    """Return the last measurement; None before the first contact."""
    row = book.connection.execute(select(CLOCK_CHECK)).first()
    if row is None:
        return None
    return ClockCheck(Moment(as_datetime(row.at), row.monotonic, row.boot_id), row.offset_s)


def offset_now(book: Book) -> float:
    """Return by how many seconds the clock is ahead of the province's now, 0 while nobody knows."""
    check = last(book)
    return 0.0 if check is None else check.offset_now(book.clock)
