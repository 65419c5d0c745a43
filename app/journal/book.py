"""What every table module is given: the connection of the transaction, the clock, and the purpose keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from app.domain.clock import Clock
from app.domain.mode import Mode
from app.journal.data_keys import DataKeys
from app.journal.digest import DerivedKeys
from app.journal.tables import COUNTER, META

MODE = "mode"

# Made once: putting a statement together costs more than running it.
_LAST_NUMBER = select(COUNTER.c.value).where(COUNTER.c.name == bindparam("of"))
_COUNT_UP = update(COUNTER).where(COUNTER.c.name == bindparam("of")).values(value=bindparam("to"))


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
    last = book.connection.scalar(_LAST_NUMBER, {"of": name})
    if last is None:
        book.connection.execute(insert(COUNTER).values(name=name, value=1))
        return 1
    book.connection.execute(_COUNT_UP, {"of": name, "to": last + 1})
    return int(last) + 1


def fact(book: Book, key: str) -> str | None:
    """Return a fact of the journal itself, such as `incarnation`."""
    return book.connection.scalar(select(META.c.value).where(META.c.key == key))


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
