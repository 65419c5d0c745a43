"""Whoever holds every key of one training card: what a province's HSM computes, for tests and card checks."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.crypto.card_cipher import CardAlgorithm, auth_data, encrypted_data, mac, session_key
from hardware.virtual.training_keys import named_card_key

_ORIGINAL = bytes.fromhex("A1B2C3D4E5F60718")


@dataclass(frozen=True)
class TrainingKeyHolder:
    """The keys of the card with these facts; `history` 13 bytes. Keys go by name, such as `PUK` or `RK1DF01`."""

    algorithm: CardAlgorithm
    region: str
    history: bytes

    def prove(self, key: str, challenge: bytes) -> bytes:
        """Return `鉴别数据8‖原始信息8` for EXTERNAL AUTHENTICATE."""
        return auth_data(self.algorithm, self._key(key), challenge, _ORIGINAL) + _ORIGINAL

    def answer(self, key: str, process: bytes, original: bytes) -> bytes:
        """Return what the card is to answer to INTERNAL AUTHENTICATE, 8 bytes."""
        return auth_data(self.algorithm, self._key(key), process, original)

    def mac(self, key: str, challenge: bytes, message: bytes) -> bytes:
        """Return the MAC, 4 bytes, over header, Lc and data."""
        return mac(self.algorithm, self._session(key, challenge), message)

    def seal(self, key: str, challenge: bytes, plain: bytes) -> bytes:
        """Return the cipher of `LD‖plain`."""
        return encrypted_data(self.algorithm, self._session(key, challenge), plain)

    def _session(self, key: str, challenge: bytes) -> bytes:
        return session_key(self.algorithm, self._key(key), challenge)

    def _key(self, key: str) -> bytes:
        return named_card_key(key, self.algorithm, self.region, self.history)
