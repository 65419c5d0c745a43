"""What every table module is given: the connection of the transaction, the clock, and the purpose keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from app.domain.clock import Clock
from app.domain.mode import Mode
from app.journal.data_keys import DataKeys
from app.journal.digest import DerivedKeys
from app.journal.tables import COUNTER, META
from app.journal.written_out import WrittenOut

MODE = "mode"

_NEXT_NUMBER = WrittenOut(
    insert(COUNTER)
    .values(name=bindparam("of"), value=1)
    .on_conflict_do_update(index_elements=[COUNTER.c.name], set_={"value": COUNTER.c.value + 1})
    .returning(COUNTER.c.value)
)
_LAST_NUMBER = WrittenOut(select(COUNTER.c.value).where(COUNTER.c.name == bindparam("of")))
_FACT = WrittenOut(select(META.c.value).where(META.c.key == bindparam("of")))


@dataclass(frozen=True)
class Book:
    """One open journal as its own thread sees it."""

    connection: Connection
    clock: Clock
    keys: DerivedKeys
    data_keys: DataKeys


def open_book(connection: Connection, clock: Clock, keys: DerivedKeys) -> Book:
    """Make the book of a connection."""
    return Book(connection, clock, keys, DataKeys(connection, keys.data_key_wrap))


def at(book: Book) -> str:
    """Return the time now as it is stored: ISO 8601, UTC, microseconds."""
    return book.clock.now().isoformat(timespec="microseconds")


def as_datetime(stored: str) -> datetime:
    """Return a stored time."""
    return datetime.fromisoformat(stored)


def next_number(book: Book, name: str) -> int:
    """Return the next number of a counter, from 1 and gap-free: it rolls back with the transaction that took it."""
    return int(_NEXT_NUMBER.scalar(book.connection, {"of": name}))


def last_number(book: Book, name: str) -> int:
    """Return the last number of a counter that was taken, 0 for none."""
    return int(_LAST_NUMBER.scalar(book.connection, {"of": name}) or 0)


def fact(book: Book, key: str) -> str | None:
    """Return a fact of the journal itself, such as `incarnation`."""
    found: str | None = _FACT.scalar(book.connection, {"of": key})
    return found


def mode_of(book: Book) -> Mode | None:
    """Return what the journal was made for; None until it is marked."""
    mode = fact(book, MODE)
    return None if mode is None else Mode(mode)


def set_fact(book: Book, key: str, value: str) -> None:
    """Write a fact of the journal itself."""
    if fact(book, key) is None:
        book.connection.execute(insert(META).values(key=key, value=value))
    else:
        book.connection.execute(update(META).where(META.c.key == key).values(value=value))
