"""Reading a journal that another process may be writing: lists and verification, never a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.domain.clock import Clock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.journal import database
from app.journal.book import Book, mode_of, open_book
from app.journal.database import DATABASE_FILE, Access, telling_trouble
from app.journal.digest import derive_keys
from app.journal.keys import KeyStore, KeyStoreAway
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused

T = TypeVar("T")


class JournalReader:
    """A read-only view for one thread, the one that opened it."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one consistent snapshot; raises JournalRefused. What writes fails: `query_only` is on."""
        with telling_trouble(), self._book.connection.begin():
            return work(Transaction(self._book))

    @property
    def mode(self) -> Mode | None:
        """Return what the journal was made for; None for one that was never marked."""
        with telling_trouble(), self._book.connection.begin():
            return mode_of(self._book)

    def close(self) -> None:
        """Close the connection."""
        self._book.connection.close()


def read_only(folder: Path, key_store: KeyStore, clock: Clock) -> JournalReader | Refusal:
    """Open the journal of a folder for reading.

    Codes: JOURNAL-NONE, JOURNAL-KEY-GONE, JOURNAL-KEYRING-AWAY, JOURNAL-KEY-WRONG, JOURNAL-DAMAGED, JOURNAL-TOO-NEW,
    JOURNAL-TOO-OLD, JOURNAL-BUSY, DATA-FOLDER-UNUSABLE.
    """
    if not database.exists(folder):
        return Refusal("JOURNAL-NONE")
    try:
        key = key_store.load()
        if key is None:
            return Refusal("JOURNAL-KEY-GONE")
        connection = database.connect(Access(folder / DATABASE_FILE, key, read_only=True))
    except (KeyStoreAway, JournalRefused) as refused:
        return refused.refusal
    except OSError:
        return Refusal("DATA-FOLDER-UNUSABLE")
    return JournalReader(open_book(connection, clock, derive_keys(key)))
