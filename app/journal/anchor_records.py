"""What the journal keeps for anchoring: the device's signing key, the province's pinned key, countersigned anchors."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.anchor import Countersigned
from app.domain.audit import NOTHING, Link
from app.journal import audit_chain
from app.journal.book import Book, fact
from app.journal.tables import ANCHOR, DEVICE_KEY


@dataclass(frozen=True)
class DeviceKey:
    """The device's key pair, and the province's public key once it is enrolled; as in `hardware/crypto/sm2.py`."""

    private: bytes = field(repr=False)
    public: bytes
    province_key: bytes | None = None


class AnchorRecords:
    """One transaction's view of them."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def incarnation(self) -> str:
        """Return the id that a restore from a backup changes."""
        return fact(self._book, "incarnation") or ""

    @property
    def first_n(self) -> int:
        """Return the first row that is, or will be, tagged under the first key."""
        return audit_chain.first_tagged(self._book)

    def head(self) -> Link | None:
        """Return the last link; None while there is no tagged row."""
        return audit_chain.head(self._book)

    def first_key(self) -> tuple[int, bytes] | None:
        """Return the first key and the first row under it; None when the copy here is gone."""
        key = audit_chain.first_key(self._book)
        return None if key is None else (self.first_n, key)

    def device_key(self) -> DeviceKey | None:
        """Return the keys; None before the device has made its own."""
        row = self._book.connection.execute(select(DEVICE_KEY)).first()
        return None if row is None else DeviceKey(row.private, row.public, row.province_key)

    def keep_device_key(self, private: bytes, public: bytes) -> None:
        """Keep the device's pair, once."""
        self._book.connection.execute(insert(DEVICE_KEY).values(one=1, private=private, public=public))

    def enrolled(self, province_key: bytes) -> None:
        """Pin the province's public key, and forget the first key, which the province has now."""
        self._book.connection.execute(update(DEVICE_KEY).values(province_key=province_key))
        audit_chain.forget_first_key(self._book)

    def keep(self, anchor: Countersigned) -> None:
        """Keep an anchor; one that is there stays as it is."""
        self._book.connection.execute(upsert(ANCHOR).values(**vars(anchor)).on_conflict_do_nothing())

    def last(self) -> tuple[int, str]:
        """Return the last row that is anchored and its sm3, as they were countersigned; 0 and zeros for none."""
        mine = select(ANCHOR.c.n, ANCHOR.c.sm3).where(ANCHOR.c.incarnation == self.incarnation)
        row = self._book.connection.execute(mine.order_by(ANCHOR.c.n.desc()).limit(1)).first()
        return (0, NOTHING.hex()) if row is None else (row.n, row.sm3)

    def kept(self) -> tuple[Countersigned, ...]:
        """Return this incarnation's anchors by row; those of another say nothing of rows that were written since."""
        found = self._book.connection.execute(
            select(ANCHOR).where(ANCHOR.c.incarnation == self.incarnation).order_by(ANCHOR.c.n)
        )
        return tuple(
            Countersigned(row.device, row.incarnation, row.anchor_no, row.n, row.sm3, row.at, row.signature)
            for row in found
        )
