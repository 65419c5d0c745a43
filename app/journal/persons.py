"""Persons as the journal knows them: a random reference, found again by a keyed index of the citizen number."""

from __future__ import annotations

import uuid

from sqlalchemy import insert, select, update

from app.journal.book import Book
from app.journal.digest import keyed_hex
from app.journal.tables import PERSON


def person_ref(book: Book, citizen_number: str) -> str:
    """Find or make the person's reference; the number itself is not stored."""
    index = keyed_hex(book.keys.citizen_index, citizen_number.upper().encode())
    found = book.connection.scalar(select(PERSON.c.person_ref).where(PERSON.c.citizen_index == index))
    if found is not None:
        return str(found)
    made = str(uuid.uuid4())
    book.connection.execute(insert(PERSON).values(person_ref=made, citizen_index=index))
    return made


def set_province_ref(book: Book, ref: str, province_ref: str) -> None:
    """Remember the province's own opaque id of a person."""
    book.connection.execute(update(PERSON).where(PERSON.c.person_ref == ref).values(province_ref=province_ref))


def province_ref(book: Book, ref: str) -> str | None:
    """Return the province's own id of a person, when it is known."""
    return book.connection.scalar(select(PERSON.c.province_ref).where(PERSON.c.person_ref == ref))
