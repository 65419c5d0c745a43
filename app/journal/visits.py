"""Visits: one holder at one window, from call to end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from app.journal.book import Book, as_datetime, at
from app.journal.tables import VISIT

_OPEN = "open"


@dataclass(frozen=True)
class OpenVisit:
    """A visit that has not ended, also one that a crash left."""

    visit_id: str
    ticket: str | None
    window: str
    clerk: str
    person_ref: str | None
    started_at: datetime


def open_visit(book: Book, window: str, clerk: str, ticket: str | None) -> str:
    """Begin a visit; returns its id."""
    visit_id = str(uuid.uuid4())
    book.connection.execute(
        insert(VISIT).values(
            visit_id=visit_id, ticket=ticket, window=window, clerk=clerk, state=_OPEN, started_at=at(book)
        )
    )
    return visit_id


def attach_person(book: Book, visit_id: str, person_ref: str) -> None:
    """Say whose visit it is."""
    book.connection.execute(update(VISIT).where(VISIT.c.visit_id == visit_id).values(person_ref=person_ref))


def close_visit(book: Book, visit_id: str, state: str) -> bool:
    """End a visit, as `done` or why else; False when it was not open."""
    closed = book.connection.execute(
        update(VISIT)
        .where(VISIT.c.visit_id == visit_id, VISIT.c.ended_at.is_(None))
        .values(state=state, ended_at=at(book))
    )
    return closed.rowcount == 1


def open_visits(book: Book) -> tuple[OpenVisit, ...]:
    """Return the visits that have not ended, oldest first."""
    found = book.connection.execute(select(VISIT).where(VISIT.c.ended_at.is_(None)).order_by(VISIT.c.started_at))
    return tuple(
        OpenVisit(row.visit_id, row.ticket, row.window, row.clerk, row.person_ref, as_datetime(row.started_at))
        for row in found
    )
