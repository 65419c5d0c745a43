"""Master keys of the training province: made from their public labels, so that nobody takes them for real ones."""

from __future__ import annotations

import hashlib
from enum import Enum

from hardware.crypto.card_cipher import CardAlgorithm, card_key


class KeyRole(Enum):
    """Keys of a card that the two-step flow needs (card.md 2.3)."""

    INTERNAL = "IRK"
    READ = "RKSSSE"


def training_card_key(role: KeyRole, algorithm: CardAlgorithm, region: str, history: bytes) -> bytes:
    """Derive the 16-byte key that a training card holds."""
    master = hashlib.sha256(f"yikatong training {role.value} {algorithm.value}".encode("ascii")).digest()[:16]
    return card_key(algorithm, master, region, history)
