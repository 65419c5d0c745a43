"""The arithmetic of the audit chain, the same at the device and at the province (reliability.md 3.3).

A row has a plain SM3 that anyone can compute anew from the rows, and a tag under a key that only moves forward.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

from app.domain.digest import sm3

EPOCH_ROWS = 1000
"""Rows that are tagged under one key."""
KEY_BYTES = 32
NOTHING = bytes(32)
"""What stands before the first row."""
_NEXT_KEY = b"yikatong/audit-epoch/1"
_number = struct.Struct(">q").pack


@dataclass(frozen=True)
class Link:
    """What the province can check of a row; digests are 32 bytes."""

    n: int
    sm3: bytes
    tag: bytes


@dataclass(frozen=True)
class AuditRow:
    """One row as an auditor reads it; it holds no personal data."""

    n: int
    at: str
    """ISO 8601, UTC."""
    actor: str
    event: str
    op_id: str | None
    result: str
    detail: str
    """JSON."""


StoredRow = tuple[int, bytes, bytes]
"""A row as it is stored: number, entry (its canonical JSON in UTF-8), sm3."""


@dataclass(frozen=True)
class ChainRead:
    """How far a chain is whole, the number of the first row that is wrong or missing, and the digests asked for."""

    last: int
    sm3: bytes
    first_bad: int | None
    digests: Mapping[int, bytes]


def read_chain(
    rows: Iterable[StoredRow],
    last: int,
    last_sm3: bytes,
    wanted: Container[int] = (),
    sm3_of: Callable[[bytes], bytes] = sm3,
) -> ChainRead:
    """Follow stored rows from after the row `last`; `wanted` are numbers whose digests are to be returned."""
    digests: dict[int, bytes] = {}
    first_bad = None
    # Written out, without a call that is not needed: it runs once for each row that was ever written.
    for number, entry, digest in rows:
        if number != last + 1 or digest != sm3_of(last_sm3 + _number(number) + entry):
            first_bad = min(last + 1, number)
            break
        if number in wanted:
            digests[number] = digest
        last, last_sm3 = number, digest
    return ChainRead(last, last_sm3, first_bad, digests)


def first_false_tag(links: Iterable[Link], key: bytes) -> int | None:
    """Return the number of the first of an epoch's rows whose tag is not under the epoch's key."""
    return next((link.n for link in links if link.tag != tag_of(key, link.n, link.sm3)), None)


def row_sm3(previous_sm3: bytes, number: int, entry: bytes) -> bytes:
    """Return SM3(sm3 of the row before ‖ number, 8 bytes big-endian ‖ entry)."""
    return sm3(previous_sm3 + _number(number) + entry)


def tag_of(key: bytes, number: int, digest: bytes) -> bytes:
    """Return HMAC-SM3 under an epoch's key of (number, 8 bytes big-endian ‖ sm3)."""
    return hmac.digest(key, _number(number) + digest, "sm3")


def epoch_of(first_n: int, number: int) -> int:
    """Return the epoch of a row, from 0; `first_n` is the first row that was ever tagged."""
    return max(number - first_n, 0) // EPOCH_ROWS


def first_of_epoch(first_n: int, epoch: int) -> int:
    """Return the first row of an epoch."""
    return first_n + epoch * EPOCH_ROWS


def next_key(key: bytes) -> bytes:
    """Return the next epoch's key; there is no way back from it."""
    return hmac.digest(key, _NEXT_KEY, "sm3")


def key_after(key: bytes, epochs: int) -> bytes:
    """Return the key some epochs later."""
    for _ in range(epochs):
        key = next_key(key)
    return key
