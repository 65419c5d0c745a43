"""The audit chain: each row's HMAC-SM3 covers the row and the one before (reliability.md 3.3).

The head row finds rows cut off the end; one who holds the journal's key could rewrite both, which only an anchor kept
by the province can find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import BLOB, cast, insert, select, update

from app.domain.operation import canonical_json
from app.journal.book import Book, at
from app.journal.digest import keyed_hex
from app.journal.tables import AUDIT, AUDIT_HEAD

FIRST_PREVIOUS = "0" * 64
_ABSENT = b"\xff\xff\xff\xff"
_COVERED = (
    AUDIT.c.at,
    AUDIT.c.actor,
    AUDIT.c.event,
    AUDIT.c.op_id,
    AUDIT.c.result,
    AUDIT.c.detail,
    AUDIT.c.prev_sm3,
)


@dataclass(frozen=True)
class Verification:
    """What reading the whole chain found; `first_bad` is the number of the first row that is wrong or missing."""

    rows: int
    ok: bool
    first_bad: int | None


def append(book: Book, event: str, actor: str, result: str, op_id: str | None, detail: Mapping[str, str]) -> int:
    """Add a row with the next gap-free number, which is returned."""
    head = book.connection.execute(select(AUDIT_HEAD.c.n, AUDIT_HEAD.c.sm3)).one()
    number = int(head.n) + 1
    previous = str(head.sm3)
    values = (at(book), actor, event, op_id, result, canonical_json(detail), previous)
    sm3 = _link(book, number, tuple(None if value is None else value.encode() for value in values))
    stored = {column.name: value for column, value in zip(_COVERED, values, strict=True)}
    book.connection.execute(insert(AUDIT).values(n=number, sm3=sm3, **stored))
    book.connection.execute(update(AUDIT_HEAD).values(n=number, sm3=sm3))
    return number


def start(book: Book) -> None:
    """Write the head of an empty chain, once."""
    if book.connection.execute(select(AUDIT_HEAD.c.n)).first() is None:
        book.connection.execute(insert(AUDIT_HEAD).values(one=1, n=0, sm3=FIRST_PREVIOUS))


def verify(book: Book) -> Verification:
    """Read the chain from the first row to the last."""
    expected, previous, rows = 1, FIRST_PREVIOUS, 0
    first_bad: int | None = None
    # As bytes: an edit that leaves text which does not decode must be found, not raised.
    covered = tuple(cast(column, BLOB).label(column.name) for column in _COVERED)
    for number, sm3, *values in book.connection.execute(
        select(AUDIT.c.n, cast(AUDIT.c.sm3, BLOB), *covered).order_by(AUDIT.c.n)
    ):
        rows += 1
        if first_bad is not None:
            continue
        good = number == expected and values[-1] == previous.encode() and sm3 == _link(book, number, values).encode()
        if not good:
            first_bad = min(expected, number)
            continue
        expected, previous = number + 1, sm3.decode()
    head = book.connection.execute(select(AUDIT_HEAD.c.n, AUDIT_HEAD.c.sm3)).first()
    if first_bad is None and (head is None or (head.n, head.sm3) != (expected - 1, previous)):
        first_bad = expected
    return Verification(rows, first_bad is None, first_bad)


def _link(book: Book, number: int, values: tuple[bytes | None, ...] | list[bytes | None]) -> str:
    covered = b"".join(_ABSENT if value is None else len(value).to_bytes(4, "big") + value for value in values)
    return keyed_hex(book.keys.audit_chain, number.to_bytes(8, "big", signed=True) + covered)
