"""The rows of the search index: written with an operation, read by one exact token."""

from __future__ import annotations

from sqlalchemy import delete

from app.journal.book import Book
from app.journal.key_tables import SEARCH_INDEX
from app.journal.search_tokens import Findable, SearchKind, token_for, tokens_of

MOST_FOUND = 50
# Written out: making the statements anew each time would take longer than they do.
_FIND = "SELECT ref FROM search_index WHERE kind = ? AND token = ? ORDER BY ref DESC LIMIT ?"
_ADD = "INSERT INTO search_index (kind, token, ref) VALUES (?, ?, ?)"


def add(book: Book, op_id: str, acceptance_no: str, findable: Findable) -> None:
    """Make an operation findable."""
    tokens = tokens_of(book.keys.search_index, findable, acceptance_no)
    if tokens:
        book.connection.exec_driver_sql(_ADD, [(kind.value, token, op_id) for kind, token in sorted(tokens)])


def search(book: Book, kind: SearchKind, typed: str, limit: int = MOST_FOUND) -> tuple[str, ...]:
    """Return the op_ids of what was found, newest first, at most `limit`."""
    token = token_for(book.keys.search_index, kind, typed)
    if token is None:
        return ()
    return tuple(book.connection.exec_driver_sql(_FIND, (kind.value, token, limit)).scalars())


def clear(book: Book) -> None:
    """Forget every token: nothing can be found any more."""
    book.connection.execute(delete(SEARCH_INDEX))
