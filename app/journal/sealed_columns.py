"""Which columns are stored in envelopes only, and the two ways through: `put` before writing, `text` and `blob` after.

What is not listed is stored as it is and holds no name, no number of a person, card or account, and no picture.

Rows are fetched whole before they are opened: a cursor left open by an envelope that does not open would hold the
connection to an old snapshot, and nothing could be written after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Row, Table

from app.journal.book import Book
from app.journal.data_keys import damaged
from app.journal.envelope import EnvelopeBroken, Place, key_id_of, seal, unseal
from app.journal.trouble import RowDamaged

SEALED: Mapping[str, tuple[str, ...]] = {
    "operation": ("payload",),
    # The province's free text, and people's.
    "delivery": ("message",),
    "task": ("message", "note"),
    "two_person_task": ("note",),
    # A holder's name and account, for the bank.
    "saga": ("input",),
    "receipt": ("pdf",),
}
"""By table; the value's own type is text, but that of `receipt.pdf`."""


def put(
    book: Book, table: Table, values: Mapping[str, object], row: tuple[object, ...] | None = None
) -> dict[str, object]:
    """Return values as they are stored in a new row; in one that is there, its primary key is `row`."""
    stored = dict(values)
    if row is None:
        row = tuple(values[column.name] for column in table.primary_key.columns)
    place_row = tuple(str(part) for part in row)
    for name in SEALED[table.name]:
        clear = values.get(name)
        if isinstance(clear, str):
            clear = clear.encode()
        if isinstance(clear, bytes):
            stored[name] = seal(book.data_keys.active(), Place(table.name, place_row, name), clear)
    return stored


def blob(book: Book, column: Column[bytes], row: Row[tuple[object, ...]]) -> bytes:
    """Return a row's value; raises RowDamaged (JOURNAL-DAMAGED, table and row) where it is not what was written.

    `row` has the column and its table's primary key.
    """
    table, fields = column.table, row._mapping  # noqa: SLF001 - SQLAlchemy's documented way to a column
    assert isinstance(table, Table)
    place = Place(table.name, tuple(str(fields[part]) for part in table.primary_key.columns), column.name)
    return opened(book, place, fields[column])


def text(book: Book, column: Column[bytes], row: Row[tuple[object, ...]]) -> str:
    """Return a row's text; raises as `blob` does."""
    return blob(book, column, row).decode()


def text_or_none(book: Book, column: Column[bytes], row: Row[tuple[object, ...]]) -> str | None:
    """Return a row's text, or None where nothing is stored; raises as `blob` does."""
    return None if row._mapping[column] is None else text(book, column, row)  # noqa: SLF001 - as above


def opened(book: Book, place: Place, envelope: object) -> bytes:
    """Return what an envelope holds; raises RowDamaged as `blob` does."""
    try:
        if not isinstance(envelope, bytes):
            raise EnvelopeBroken
        key = book.data_keys.of(key_id_of(envelope))
        if key is None:
            raise EnvelopeBroken
        return unseal(key, place, envelope)
    except EnvelopeBroken:
        raise RowDamaged(damaged(place.table, place.row)) from None
