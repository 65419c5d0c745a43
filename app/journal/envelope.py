"""Envelopes: one value sealed by SM4-GCM (GB/T 32907) and bound to the place where it is stored.

`version (1) ‖ key id (4, big-endian) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. What is authenticated beside the value is
version, key id, table, primary key and column, each with its length: an envelope opens nowhere else.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache

from hardware.crypto import sm4_gcm

KEY_BYTES = 16
VERSION = 1
KEY_ID_BYTES = 4
_HEAD = struct.Struct(">BI")
_LENGTH = struct.Struct(">I")


class EnvelopeBroken(Exception):
    """What is stored is no envelope of this place and key: edited, moved, or sealed under another key."""


@dataclass(frozen=True)
class Place:
    """Where a value is stored."""

    table: str
    row: tuple[str, ...]
    """The primary key's values, in the table's order."""
    column: str


@dataclass(frozen=True)
class SealingKey:
    """A key, and the number by which an envelope names it."""

    key_id: int
    key: bytes

    def __repr__(self) -> str:
        return f"SealingKey({self.key_id})"


def seal(key: SealingKey, place: Place, clear: bytes) -> bytes:
    """Seal a value for a place, under a nonce of its own."""
    return head_of(key.key_id) + sm4_gcm.seal(key.key, clear, _bound(key.key_id, place))


def unseal(key: SealingKey, place: Place, envelope: bytes) -> bytes:
    """Return the value of an envelope that was sealed for this place; raises EnvelopeBroken."""
    if key_id_of(envelope) != key.key_id:
        raise EnvelopeBroken(place.table)
    clear = sm4_gcm.unseal(key.key, envelope[_HEAD.size :], _bound(key.key_id, place))
    if clear is None:
        raise EnvelopeBroken(place.table)
    return clear


def key_id_of(envelope: bytes) -> int:
    """Return which key an envelope names; raises EnvelopeBroken for what is none."""
    if len(envelope) < _HEAD.size + sm4_gcm.OVERHEAD or envelope[0] != VERSION:
        raise EnvelopeBroken
    return int(_HEAD.unpack_from(envelope)[1])


def head_of(key_id: int) -> bytes:
    """Return the bytes that every envelope under a key begins with."""
    return _HEAD.pack(VERSION, key_id)


def _bound(key_id: int, place: Place) -> bytes:
    return b"".join((head_of(key_id), _named(place.table), *map(_measured, place.row), _named(place.column)))


def _measured(part: str) -> bytes:
    encoded = part.encode()
    return _LENGTH.pack(len(encoded)) + encoded


_named = cache(_measured)
"""For the names of tables and columns, which are few."""
