"""The arithmetic of the audit chain, the same at the device and at the province (reliability.md 3.3).

A row has a plain SM3 that anyone can compute anew from the rows, and a tag under a key that only moves forward. The
SM3 covers the tag of the row before, so that no stored byte stands outside the chain.
"""

from __future__ import annotations

import hmac
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from app.domain.digest import sm3

EPOCH_ROWS = 1000
"""Rows that are tagged under one key."""
KEY_BYTES = 32
NOTHING = bytes(32)
_NEXT_KEY = b"yikatong/audit-epoch/1"


@dataclass(frozen=True)
class Link:
    """What one row hands on to the next; digests are 32 bytes."""

    n: int
    sm3: bytes
    tag: bytes


StoredRow = tuple[int, bytes, bytes, bytes]
"""A row as it is stored: number, entry, sm3, tag."""


@dataclass(frozen=True)
class ChainRead:
    """How far a chain is whole, the number of the first row that is wrong or missing, and the digests asked for."""

    last: Link
    first_bad: int | None
    digests: Mapping[int, bytes]


def read_chain(
    rows: Iterable[StoredRow], before: Link, key: bytes, keyed_from: int, wanted: Container[int] = ()
) -> ChainRead:
    """Follow stored rows from `before` on; tags are checked from the row `keyed_from` on, the first under `key`.

    `wanted` are numbers whose digests are to be returned.
    """
    digests: dict[int, bytes] = {}
    last, previous_sm3, previous_tag = before.n, before.sm3, before.tag
    for number, entry, digest, tag in rows:
        good = number == last + 1 and digest == row_sm3(previous_sm3, previous_tag, number, entry)
        if not good or (number >= keyed_from and tag != tag_of(key, number, digest)):
            return ChainRead(Link(last, previous_sm3, previous_tag), min(last + 1, number), digests)
        if number in wanted:
            digests[number] = digest
        last, previous_sm3, previous_tag = number, digest, tag
    return ChainRead(Link(last, previous_sm3, previous_tag), None, digests)


def link(previous: Link, entry: bytes, key: bytes) -> Link:
    """Return the link of the row that follows; `entry` is its canonical JSON in UTF-8, `key` that of its epoch."""
    number = previous.n + 1
    digest = row_sm3(previous.sm3, previous.tag, number, entry)
    return Link(number, digest, tag_of(key, number, digest))


def row_sm3(previous_sm3: bytes, previous_tag: bytes, number: int, entry: bytes) -> bytes:
    """Return SM3(previous sm3 ‖ previous tag ‖ number, 8 bytes big-endian ‖ entry)."""
    return sm3(previous_sm3 + previous_tag + number.to_bytes(8, "big", signed=True) + entry)


def tag_of(key: bytes, number: int, digest: bytes) -> bytes:
    """Return HMAC-SM3 under an epoch's key of (number, 8 bytes big-endian ‖ sm3)."""
    return hmac.digest(key, number.to_bytes(8, "big") + digest, "sm3")


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
