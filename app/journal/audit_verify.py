"""Reading the whole audit chain against itself, its keys and its anchors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, func, select

from app.domain.anchor import Countersigned, signed_text
from app.domain.audit import EPOCH_ROWS, StoredRow, epoch_of, first_false_tag, first_of_epoch, read_chain
from app.journal import audit_v1
from app.journal.anchor_records import AnchorRecords
from app.journal.audit_chain import first_tagged, links
from app.journal.book import Book
from app.journal.tables import AUDIT, AUDIT_HEAD, AUDIT_KEY, AUDIT_START, AUDIT_V1

ALTERED = "AUDIT-ROW-ALTERED"
MISSING = "AUDIT-ROW-MISSING"
KEY_WRONG = "AUDIT-KEY-WRONG"
ROLLED_BACK = "AUDIT-ROLLED-BACK"
ANCHOR_DIFFERS = "AUDIT-ANCHOR-DIFFERS"
ANCHOR_FALSE = "AUDIT-ANCHOR-FALSE"

_TABLES: tuple[Table, ...] = (AUDIT_V1, AUDIT)
_FETCHED_ROWS = 1000
# As bytes: an edit that leaves text which does not decode must be found, not raised.
_ROWS = "SELECT n, CAST(entry AS BLOB), sm3 FROM audit ORDER BY n"


@dataclass(frozen=True)
class Verification:
    """What reading the whole chain found; `first_bad` is the number of the first row that is wrong or missing."""

    rows: int
    ok: bool
    first_bad: int | None
    reason: str | None = None
    """A code of the catalogue."""
    anchored_rows: int = 0
    """The last row that the province has countersigned, as far as is known here."""
    exposed_rows: int = 0
    """Rows after it: who has the journal's key could rewrite them, or cut them off, unnoticed."""


@dataclass(frozen=True)
class _Bad:
    number: int
    reason: str


@dataclass(frozen=True)
class _Anchors:
    """What the province has countersigned of this incarnation, by row; a row may be kept in several places."""

    by_row: Mapping[int, Sequence[Countersigned]]
    province_key: bytes | None

    def contradiction(self, number: int, digest: bytes) -> _Bad | None:
        """Compare a row with its anchors."""
        against = [anchor for anchor in self.by_row[number] if anchor.sm3 != digest.hex()]
        if not against:
            return None
        return _Bad(number, ANCHOR_DIFFERS if any(map(self.signed, against)) else ANCHOR_FALSE)

    def beyond(self, last: int) -> _Bad | None:
        """Look for anchors of rows that the chain does not have."""
        gone = sorted(number for number in self.by_row if number > last)
        if any(self.signed(anchor) for number in gone for anchor in self.by_row[number]):
            return _Bad(last + 1, ROLLED_BACK)
        return _Bad(gone[0], ANCHOR_FALSE) if gone else None

    def unsigned(self, number: int) -> _Bad | None:
        """Judge the signatures of one row's anchors."""
        return None if all(map(self.signed, self.by_row[number])) else _Bad(number, ANCHOR_FALSE)

    def signed(self, anchor: Countersigned) -> bool:
        """Tell whether the province signed; a file from before the enrolment has no key, and believes."""
        if self.province_key is None:
            return True
        # GmSSL takes a while to load, and most who read the journal need none of it.
        from hardware.crypto import sm2

        try:
            signature = bytes.fromhex(anchor.signature)
        except ValueError:
            return False
        return sm2.verify(self.province_key, signed_text(anchor), signature)


@dataclass(frozen=True)
class _Read:
    """How far the chain goes, the last row that an anchor agrees with (0 for none), and what is wrong first."""

    last: int
    anchored: int
    bad: _Bad | None


def verify(book: Book, outside: Sequence[Countersigned] = ()) -> Verification:
    """Read the chain from the first row to the last; `outside` are anchors that are kept elsewhere than in the file.

    Where anchors agree with their rows, only the last one's signature is looked at: it vouches for all rows before.
    """
    records = AnchorRecords(book)
    device, incarnation = records.device_key(), records.incarnation
    by_row: dict[int, list[Countersigned]] = {}
    for anchor in (*records.kept(), *outside):
        if anchor.incarnation == incarnation:
            by_row.setdefault(anchor.n, []).append(anchor)
    anchors = _Anchors(by_row, device.province_key if device is not None else None)
    read = _read(book, anchors)
    bad = read.bad
    if bad is None and read.anchored:
        bad = anchors.unsigned(read.anchored)
    return Verification(
        read.last if bad is None else _count(book),
        bad is None,
        bad.number if bad is not None else None,
        bad.reason if bad is not None else None,
        read.anchored,
        read.last - read.anchored,
    )


def _read(book: Book, anchors: _Anchors) -> _Read:
    start = book.connection.execute(select(AUDIT_START)).first()
    if start is None:
        return _Read(0, 0, _Bad(1, MISSING))
    old = audit_v1.first_bad(book, start.n, start.v1_sm3, start.sm3)
    if old is not None:
        return _Read(old - 1, 0, _judged(book, old))
    stored = book.connection.execute(select(AUDIT_KEY.c.epoch, AUDIT_KEY.c.key)).first()
    epoch, key = (0, b"") if stored is None else (int(stored.epoch), bytes(stored.key))
    first = first_tagged(book)
    from hardware.crypto.sm3 import sm3

    chain = read_chain(_rows(book), int(start.n), start.sm3, anchors.by_row, sm3)
    anchored = 0
    for number, digest in chain.digests.items():
        contradiction = anchors.contradiction(number, digest)
        if contradiction is not None:
            return _Read(number - 1, anchored, contradiction)
        anchored = number
    last = chain.last
    present = links(book, first_of_epoch(first, epoch) - 1, EPOCH_ROWS)
    broken = [number for number in (chain.first_bad, first_false_tag(present, key)) if number is not None]
    if broken:
        return _Read(last, anchored, _judged(book, min(broken)))
    bad = anchors.beyond(last)
    head = book.connection.execute(select(AUDIT_HEAD)).first()
    if bad is None and (head is None or (head.n, head.sm3) != (last, chain.sm3)):
        bad = _Bad(last + 1, MISSING)
    if bad is None and (stored is None or epoch_of(first, last) != epoch):
        bad = _Bad(first_of_epoch(first, epoch_of(first, last)), KEY_WRONG)
    return _Read(last, anchored, bad)


def _rows(book: Book) -> Iterator[StoredRow]:
    # The driver's own cursor: what SQLAlchemy adds to a row costs more than its SM3.
    cursor = book.connection.connection.cursor()
    cursor.execute(_ROWS)
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        yield from rows


def _count(book: Book) -> int:
    return sum(book.connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES)


def _judged(book: Book, number: int) -> _Bad:
    there = any(
        book.connection.execute(select(table.c.n).where(table.c.n == number)).first() is not None for table in _TABLES
    )
    return _Bad(number, ALTERED if there else MISSING)
