"""Envelopes: one value sealed by SM4-GCM (GB/T 32907) and bound to the place where it is stored.

`version (1) ‖ key id (4, big-endian) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. What is authenticated beside the value is
version, key id, table, primary key and column, each with its length: an envelope opens nowhere else.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import GCM

KEY_BYTES = 16
VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_ID_BYTES = 4
_HEAD = struct.Struct(">BI")


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
    nonce = os.urandom(NONCE_BYTES)
    sealing = _cipher(key, nonce).encryptor()
    sealing.authenticate_additional_data(_bound(key.key_id, place))
    sealed = sealing.update(clear) + sealing.finalize()
    return b"".join((_HEAD.pack(VERSION, key.key_id), nonce, sealed, sealing.tag))


def unseal(key: SealingKey, place: Place, envelope: bytes) -> bytes:
    """Return the value of an envelope that was sealed for this place; raises EnvelopeBroken."""
    if key_id_of(envelope) != key.key_id:
        raise EnvelopeBroken(place.table)
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    body = envelope[_HEAD.size :]
    opening = _cipher(key, body[:NONCE_BYTES], GCM(body[:NONCE_BYTES], body[-TAG_BYTES:])).decryptor()
    opening.authenticate_additional_data(_bound(key.key_id, place))
    try:
        return opening.update(body[NONCE_BYTES:-TAG_BYTES]) + opening.finalize()
    except InvalidTag:
        raise EnvelopeBroken(place.table) from None


def key_id_of(envelope: bytes) -> int:
    """Return which key an envelope names; raises EnvelopeBroken for what is none."""
    if len(envelope) < _HEAD.size + NONCE_BYTES + TAG_BYTES or envelope[0] != VERSION:
        raise EnvelopeBroken
    return int(_HEAD.unpack_from(envelope)[1])


def head_of(key_id: int) -> bytes:
    """Return the bytes that every envelope under a key begins with."""
    return _HEAD.pack(VERSION, key_id)


def _cipher(key: SealingKey, nonce: bytes, mode: GCM | None = None) -> Cipher[GCM]:
    # Loaded by the first who seals: a start that reads nothing sealed does without.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    return Cipher(SM4(key.key), mode or GCM(nonce))


def _bound(key_id: int, place: Place) -> bytes:
    parts = [part.encode() for part in (place.table, *place.row, place.column)]
    return _HEAD.pack(VERSION, key_id) + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
