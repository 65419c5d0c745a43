"""The rows of the search index: written with an operation, read by one exact token."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select

from app.journal.book import Book
from app.journal.key_tables import SEARCH_INDEX
from app.journal.search_tokens import Findable, SearchKind, token_for, tokens_of
from app.journal.written_out import WrittenOut

MOST_FOUND = 50
_FIND = WrittenOut(
    select(SEARCH_INDEX.c.ref)
    .where(SEARCH_INDEX.c.kind == bindparam("of"), SEARCH_INDEX.c.token == bindparam("as"))
    .order_by(SEARCH_INDEX.c.ref.desc())
    .limit(bindparam("most"))
)
_ADD = WrittenOut(insert(SEARCH_INDEX))


def add(book: Book, op_id: str, acceptance_no: str, findable: Findable) -> None:
    """Make an operation findable."""
    tokens = tokens_of(book.keys.search_index, findable, acceptance_no)
    for kind, token in sorted(tokens):
        _ADD.run(book.connection, {"kind": kind.value, "token": token, "ref": op_id})


def search(book: Book, kind: SearchKind, typed: str, limit: int = MOST_FOUND) -> tuple[str, ...]:
    """Return the op_ids of what was found, newest first, at most `limit`."""
    token = token_for(book.keys.search_index, kind, typed)
    if token is None:
        return ()
    return tuple(ref for (ref,) in _FIND.run(book.connection, {"of": kind.value, "as": token, "most": limit}))


def clear(book: Book) -> None:
    """Forget every token: nothing can be found any more."""
    book.connection.execute(delete(SEARCH_INDEX))
