"""The data keys of one journal transaction, as `Transaction.data_keys` gives them: rotated, sealed anew, destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnClause, Table, func, select, update
from sqlalchemy import column as sql_column

from app.journal import search_index
from app.journal.book import Book, at
from app.journal.data_keys import KeyState
from app.journal.envelope import Place, head_of, seal
from app.journal.sealed_columns import SEALED, opened
from app.journal.tables import METADATA

LOOKED_AT = 500
"""Rows that one transaction looks at."""
SEALED_ANEW = 25
"""Rows that one transaction seals anew: a clerk's save must not wait long behind it."""


@dataclass(frozen=True)
class Pass:
    """How far a pass over all sealed columns has come."""

    key_id: int
    """The active key since the pass began."""
    left: tuple[tuple[str, str], ...]
    """Table and column, the one at work first."""
    after: int = 0
    """The last row of it that was looked at."""
    sealed: int = 0
    """Envelopes that were sealed anew."""

    @property
    def ended(self) -> bool:
        """Tell whether every column was looked at."""
        return not self.left


class KeyBook:
    """What may be done with the data keys in one transaction."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def rotate(self) -> int:
        """Make a new key for what is written from now on; returns its number. The old one retires."""
        return self._book.data_keys.make(at(self._book))

    def retiring(self) -> tuple[int, ...]:
        """Return the keys whose envelopes are not all sealed anew."""
        return self._book.data_keys.retiring()

    def begin_pass(self) -> Pass:
        """Begin to seal anew from the first row; what an earlier pass did is only looked at."""
        columns = tuple((table, column) for table, names in SEALED.items() for column in names)
        return Pass(self._book.data_keys.active().key_id, columns)

    def go_on(self, done: Pass) -> Pass:
        """Seal a few more rows anew; at the end of a pass under one key, every retiring key is destroyed.

        New rows are sealed under the active key, so that one whole pass leaves no envelope of another. Raises
        JournalRefused (JOURNAL-DAMAGED) for an envelope that does not open: then no key is destroyed.
        """
        active = self._book.data_keys.active().key_id
        if active != done.key_id:
            return self.begin_pass()
        if done.ended:
            return done
        (table_name, column_name), *rest = done.left
        rows = self._next_rows(METADATA.tables[table_name], column_name, done.after)
        old = [rowid for rowid, is_new in rows if not is_new][:SEALED_ANEW]
        for rowid in old:
            self._seal_anew(METADATA.tables[table_name], column_name, rowid)
        sealed = done.sealed + len(old)
        if len(old) == SEALED_ANEW:
            return Pass(active, done.left, old[-1], sealed)
        if len(rows) == LOOKED_AT:
            return Pass(active, done.left, rows[-1][0], sealed)
        if not rest:
            self._book.data_keys.destroy(KeyState.RETIRING, at(self._book))
        return Pass(active, tuple(rest), 0, sealed)

    def erase(self) -> None:
        """Destroy every key and forget every token: nothing sealed can be read or found any more, by anybody."""
        for state in (KeyState.ACTIVE, KeyState.RETIRING):
            self._book.data_keys.destroy(state, at(self._book))
        search_index.clear(self._book)

    def _next_rows(self, table: Table, column: str, after: int) -> Sequence[tuple[int, bool]]:
        head = head_of(self._book.data_keys.active().key_id)
        rowid: ColumnClause[int] = sql_column("rowid")
        found = (
            select(rowid, func.substr(table.c[column], 1, len(head)) == head)
            .select_from(table)
            .where(rowid > after, table.c[column].is_not(None))
            .order_by(rowid)
            .limit(LOOKED_AT)
        )
        return [(number, bool(is_new)) for number, is_new in self._book.connection.execute(found)]

    def _seal_anew(self, table: Table, column: str, rowid: int) -> None:
        keys = [part.name for part in table.primary_key.columns]
        of_row = sql_column("rowid") == rowid
        envelope, *values = self._book.connection.execute(
            select(table.c[column], *(table.c[key] for key in keys)).where(of_row)
        ).one()
        place = Place(table.name, tuple(str(value) for value in values), column)
        sealed = seal(self._book.data_keys.active(), place, opened(self._book, place, envelope))
        self._book.connection.execute(update(table).where(of_row).values({column: sealed}))
