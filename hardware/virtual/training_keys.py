"""Master keys of the training province: made from their public labels, so that nobody takes them for real ones."""

from __future__ import annotations

import hashlib
from enum import Enum

from hardware.crypto.card_cipher import CardAlgorithm, card_key


class KeyRole(Enum):
    """Keys of a card that the two-step flow needs (card.md 2.3)."""

    INTERNAL = "IRK"
    READ = "RKSSSE"


def training_master(key: str, algorithm: CardAlgorithm) -> bytes:
    """Return the province-wide 16-byte key of a name such as `IRK` or `UK1DF02`."""
    return hashlib.sha256(f"yikatong training {key} {algorithm.value}".encode("ascii")).digest()[:16]


def training_card_key(role: KeyRole, algorithm: CardAlgorithm, region: str, history: bytes) -> bytes:
    """Derive the 16-byte key that a training card holds."""
    return named_card_key(role.value, algorithm, region, history)


def named_card_key(key: str, algorithm: CardAlgorithm, region: str, history: bytes) -> bytes:
    """Derive the 16-byte key of any name that a training card holds."""
    return card_key(algorithm, training_master(key, algorithm), region, history)
