"""Audit rows of the first schema: one HMAC-SM3 chain under a key that comes from the journal's own. No longer written.

One who holds the journal's key could rewrite all of it; since the migration a plain SM3 over these rows begins the
chain that is anchored, so that this too is found.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from app.domain.audit import NOTHING
from app.domain.digest import sm3
from app.journal.book import Book
from app.journal.digest import keyed_hex

FIRST_PREVIOUS = "0" * 64
_ABSENT = b"\xff\xff\xff\xff"
_COVERED = ("at", "actor", "event", "op_id", "result", "detail", "prev_sm3")
# As bytes: an edit that leaves text which does not decode must be found, not raised.
_AS_BYTES = ", ".join(f"CAST({name} AS BLOB)" for name in ("sm3", *_COVERED))
_ROWS = f"SELECT n, {_AS_BYTES} FROM audit_v1 ORDER BY n"  # noqa: S608 - names of our own


def seal(connection: Connection) -> bytes:
    """Return the plain SM3 over every old row, each over the one before; 32 zero bytes for none."""
    sealed = NOTHING
    for number, digest, values in _rows(connection):
        sealed = sm3(sealed + _covered(number, values) + (digest or b""))
    return sealed


def first_bad(book: Book, last: int, last_sm3: str, sealed: bytes) -> int | None:
    """Return the number of the first old row that is wrong or missing; `last` and `last_sm3` are what the head held."""
    expected, previous, found = 1, FIRST_PREVIOUS.encode(), NOTHING
    for number, digest, values in _rows(book.connection):
        covered = _covered(number, values)
        good = number == expected and values[-1] == previous
        if not good or digest != keyed_hex(book.keys.audit_chain, covered).encode():
            return min(expected, number)
        found = sm3(found + covered + digest)
        expected, previous = number + 1, digest
    if (expected - 1, previous) != (last, last_sm3.encode()):
        return expected
    # Rewritten with the journal's key, or the marker was: nothing tells where that began.
    return None if found == sealed else 1


def _rows(connection: Connection) -> Iterator[tuple[int, bytes | None, list[bytes | None]]]:
    for number, digest, *values in connection.exec_driver_sql(_ROWS):
        yield int(number), digest, values


def _covered(number: int, values: list[bytes | None]) -> bytes:
    parts = b"".join(_ABSENT if value is None else len(value).to_bytes(4, "big") + value for value in values)
    return number.to_bytes(8, "big", signed=True) + parts
