"""The province's key for sealed files, fetched while it can be asked and kept for when it cannot."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.anchor import signed_text
from app.domain.clock import Clock
from app.domain.downlink import SealingKey
from app.domain.refusal import Refusal
from app.journal.book import Book
from app.journal.journal import Journal
from app.journal.tables import SEALING_KEY
from app.province.port import Province

EVERY_S = 3600.0
SOON_S = 2.0
"""While the device is not enrolled yet, which the sender does with the first contact."""


class SealingKeys:
    """Keeps the key up to date; used by one thread, the downlink's. Raises JournalRefused."""

    def __init__(self, journal: Journal, province: Province, clock: Clock) -> None:
        self._journal = journal
        self._province = province
        self._clock = clock
        self._next_at = clock.monotonic()

    def round(self) -> float:
        """Fetch the key now and then, once the province's own is pinned; one that is not signed with that is none.

        Returns the seconds until the next time.
        """
        wait = self._next_at - self._clock.monotonic()
        if wait > 0:
            return wait
        device = self._journal.run(lambda tx: tx.anchors.device_key()).result()
        if device is None or device.province_key is None:
            return SOON_S
        key = self._province.sealing_key()
        if isinstance(key, Refusal):
            return SOON_S
        self._next_at = self._clock.monotonic() + EVERY_S
        from hardware.crypto import sm2

        if not sm2.verify(device.province_key, signed_text(key), bytes.fromhex(key.signature)):
            self._journal.run(lambda tx: tx.audit("outbox.sealing_key_false", "downlink", "refused")).result()
            return EVERY_S
        self._journal.run(lambda tx: tx.keep_sealing_key(key), label="sealing_key").result()
        return EVERY_S


def keep(book: Book, key: SealingKey) -> None:
    """Keep a key in the place of the one before."""
    statement = upsert(SEALING_KEY).values(one=1, **vars(key))
    book.connection.execute(statement.on_conflict_do_update(index_elements=[SEALING_KEY.c.one], set_=vars(key)))


def kept(book: Book) -> SealingKey | None:
    """Return the key; None before the province told it."""
    row = book.connection.execute(select(SEALING_KEY)).first()
    return None if row is None else SealingKey(row.public_key, row.at, row.signature)
