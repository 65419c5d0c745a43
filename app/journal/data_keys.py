"""Data keys: random, wrapped under a key derived from the journal's, one of them active.

A key is `active` (new envelopes), `retiring` (its envelopes are being sealed anew) or `destroyed` (nothing of it left).
"""

from __future__ import annotations

import secrets
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from app.domain.refusal import Refusal
from app.journal.envelope import KEY_BYTES, EnvelopeBroken, Place, SealingKey, seal, unseal
from app.journal.key_tables import DATA_KEY
from app.journal.trouble import JournalRefused

WRAPPING_ID = 0
"""No data key has this number: it names the key that wraps."""


class KeyState(StrEnum):
    """What a data key is for."""

    ACTIVE = "active"
    RETIRING = "retiring"
    DESTROYED = "destroyed"


class DataKeys:
    """The data keys as one connection knows them: unwrapped when first needed, and kept until `forget`.

    Raises JournalRefused (JOURNAL-DAMAGED) for a wrapped key that does not open. What is kept may come from a
    transaction that is rolled back later: whoever rolls back calls `forget`.
    """

    def __init__(self, connection: Connection, wrapping_key: bytes) -> None:
        self._connection = connection
        self._wrapping = SealingKey(WRAPPING_ID, wrapping_key)
        self._active: SealingKey | None = None
        self._known: dict[int, SealingKey] = {}

    def active(self) -> SealingKey:
        """Return the key for new envelopes."""
        if self._active is None:
            found = select(DATA_KEY.c.key_id).where(DATA_KEY.c.state == KeyState.ACTIVE.value)
            key_id = self._connection.scalar(found)
            key = None if key_id is None else self.of(key_id)
            if key is None:
                raise JournalRefused(damaged("data_key", ()))
            self._active = key
        return self._active

    def of(self, key_id: int) -> SealingKey | None:
        """Return a key by its number; None for one that was destroyed or never was."""
        if key_id not in self._known:
            wrapped = self._connection.scalar(select(DATA_KEY.c.wrapped).where(DATA_KEY.c.key_id == key_id))
            if wrapped is None:
                return None
            self._known[key_id] = self._unwrapped(key_id, wrapped)
        return self._known[key_id]

    def make(self, now: str) -> int:
        """Make a key and make it the active one; the active one so far retires. Returns its number."""
        self.forget()
        last = self._connection.scalar(select(func.max(DATA_KEY.c.key_id)))
        key_id = int(last or WRAPPING_ID) + 1
        self._connection.execute(
            update(DATA_KEY).where(DATA_KEY.c.state == KeyState.ACTIVE.value).values(state=KeyState.RETIRING.value)
        )
        wrapped = seal(self._wrapping, _place(key_id), secrets.token_bytes(KEY_BYTES))
        self._connection.execute(
            insert(DATA_KEY).values(key_id=key_id, state=KeyState.ACTIVE.value, wrapped=wrapped, made_at=now)
        )
        return key_id

    def retiring(self) -> tuple[int, ...]:
        """Return the keys whose envelopes are to be sealed anew."""
        found = select(DATA_KEY.c.key_id).where(DATA_KEY.c.state == KeyState.RETIRING.value).order_by(DATA_KEY.c.key_id)
        return tuple(self._connection.execute(found).scalars())

    def destroy(self, state: KeyState, now: str) -> int:
        """Overwrite every wrapped key of a state; returns how many. `secure_delete` leaves no bytes of them."""
        self.forget()
        return self._connection.execute(
            update(DATA_KEY)
            .where(DATA_KEY.c.state == state.value)
            .values(state=KeyState.DESTROYED.value, wrapped=None, destroyed_at=now)
        ).rowcount

    def forget(self) -> None:
        """Drop what is kept in memory."""
        self._active = None
        self._known.clear()

    def _unwrapped(self, key_id: int, wrapped: bytes) -> SealingKey:
        try:
            return SealingKey(key_id, unseal(self._wrapping, _place(key_id), wrapped))
        except EnvelopeBroken:
            raise JournalRefused(damaged("data_key", (str(key_id),))) from None


def damaged(table: str, row: tuple[str, ...]) -> Refusal:
    """Name the row that is not what was written there."""
    return Refusal.of("JOURNAL-DAMAGED", table=table, row="/".join(row))


def _place(key_id: int) -> Place:
    return Place("data_key", (str(key_id),), "wrapped")
