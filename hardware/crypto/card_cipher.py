"""Symmetric ciphers of the card: session keys, authentication data, key diversification (card.md 2.4).

Done in software for the training province's HSM and for tests; a hall's real keys live in a PSAM or an HSM.
"""

from __future__ import annotations

from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

_LEVEL_ONE_TAIL = bytes.fromhex("303030307368")
_LEVEL_TWO_TAIL = bytes.fromhex("7378")


class CardAlgorithm(StrEnum):
    """Algorithms by their number in the FCI, tag 86; SSF33 (02) is not public."""

    TRIPLE_DES = "01"
    SM4 = "03"


def session_key(algorithm: CardAlgorithm, key: bytes, process: bytes) -> bytes:
    """Return the session key of a 16-byte key for 过程因子 (8 bytes): 8 bytes with 3DES, 16 with SM4."""
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return _triple_des(key, process)
    return _sm4(key, process.ljust(16, b"\x00"))


def auth_data(algorithm: CardAlgorithm, key: bytes, process: bytes, original: bytes) -> bytes:
    """Return 鉴别数据, 8 bytes, for 过程因子 and 原始信息 of 8 bytes each."""
    session = session_key(algorithm, key, process)
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return _triple_des(session * 2, original)
    block = _sm4(session, original.ljust(16, b"\x00"))
    return _xor(block[:8], block[8:])


def diversify(algorithm: CardAlgorithm, key: bytes, factor: bytes) -> bytes:
    """Derive the 16-byte key of the next level from a factor of 8 bytes."""
    inverted = bytes(byte ^ 0xFF for byte in factor)
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return _triple_des(key, factor) + _triple_des(key, inverted)
    return _sm4(key, factor + inverted)


def card_key(algorithm: CardAlgorithm, master: bytes, region: str, history: bytes) -> bytes:
    """Derive a card's key: master, province, city, card.

    `region` is six digits (GB/T 2260), `history` the 13 historical bytes of the ATR.
    """
    province = diversify(algorithm, master, region[:2].encode("ascii") + _LEVEL_ONE_TAIL)
    city = diversify(algorithm, province, region.encode("ascii") + _LEVEL_TWO_TAIL)
    return diversify(algorithm, city, history[5:13])


def _triple_des(key: bytes, block: bytes) -> bytes:
    # Two-key 3DES; with both halves alike it is single DES, which the card uses under its session key.
    return _ecb(Cipher(TripleDES(key + key[:8]), ECB()), block)  # noqa: S305 - the card's own rule, one block


def _sm4(key: bytes, block: bytes) -> bytes:
    return _ecb(Cipher(SM4(key), ECB()), block)  # noqa: S305 - the card's own rule, one block


def _ecb(cipher: Cipher[ECB], block: bytes) -> bytes:
    encryptor = cipher.encryptor()
    return encryptor.update(block) + encryptor.finalize()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
