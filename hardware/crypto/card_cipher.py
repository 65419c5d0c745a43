"""Symmetric ciphers of the card: session keys, authentication data, MAC, encrypted data, diversification (card.md 2.4).

Done in software for the training province's HSM and for tests; a hall's real keys live in a PSAM or an HSM.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

_PADDING = b"\x80"
_MAC_LENGTH = 4


class CardAlgorithm(StrEnum):
    """Algorithms by their number in the FCI, tag 86; SSF33 (02) is not public."""

    TRIPLE_DES = "01"
    SM4 = "03"

    @property
    def block(self) -> int:
        """Return the bytes of one block."""
        return 8 if self is CardAlgorithm.TRIPLE_DES else 16


@dataclass(frozen=True)
class Factors:
    """The three 8-byte factors of a card's keys: province, city, card."""

    province: bytes
    city: bytes
    card: bytes


@dataclass(frozen=True)
class FactorRule:
    """How factors are made of a region and an ATR; the defaults are the rule of most regions."""

    province_tail: bytes = bytes.fromhex("303030307368")
    city_tail: bytes = bytes.fromhex("7378")
    history_from: int = 5
    """Where the card's factor begins in the historical bytes, counted from 0."""

    def of(self, region: str, history: bytes) -> Factors:
        """Return the factors; `region` is six digits (GB/T 2260), `history` the 13 historical bytes of the ATR."""
        return Factors(
            region[:2].encode("ascii") + self.province_tail,
            region.encode("ascii") + self.city_tail,
            history[self.history_from : self.history_from + 8],
        )


USUAL_FACTORS = FactorRule()


def session_key(algorithm: CardAlgorithm, key: bytes, process: bytes) -> bytes:
    """Return the session key of a 16-byte key for 过程因子 (8 bytes): 8 bytes with 3DES, 16 with SM4."""
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return _triple_des(key, process)
    return _sm4(key, process.ljust(16, b"\x00"))


def auth_data(algorithm: CardAlgorithm, key: bytes, process: bytes, original: bytes) -> bytes:
    """Return 鉴别数据, 8 bytes, for 过程因子 and 原始信息 of 8 bytes each."""
    block = _encrypt(algorithm, session_key(algorithm, key, process), original.ljust(algorithm.block, b"\x00"))
    return block if algorithm is CardAlgorithm.TRIPLE_DES else fold(block)


def fold(block: bytes) -> bytes:
    """Return the XOR of both halves of a 16-byte block, the 鉴别数据 that a 16-byte cipher leaves."""
    return _xor(block[:8], block[8:])


def mac(algorithm: CardAlgorithm, session: bytes, message: bytes) -> bytes:
    """Return the 4-byte MAC of a message under a session key.

    `message` is header, Lc and data of a command whose CLA has the secure messaging bit and whose Lc counts the MAC.
    """
    block = algorithm.block
    padded = message + _PADDING + bytes(-(len(message) + 1) % block)
    chained = bytes(block)
    for at in range(0, len(padded), block):
        chained = _encrypt(algorithm, session, _xor(chained, padded[at : at + block]))
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return chained[:_MAC_LENGTH]
    left = fold(chained)
    return _xor(left[:_MAC_LENGTH], left[_MAC_LENGTH:])


def encrypted_data(algorithm: CardAlgorithm, session: bytes, plain: bytes) -> bytes:
    """Return secret data as a secure message carries it: length and data, padded only where not aligned, ECB."""
    block = algorithm.block
    whole = bytes([len(plain)]) + plain
    if len(whole) % block:
        whole += _PADDING + bytes(-(len(whole) + 1) % block)
    return b"".join(_encrypt(algorithm, session, whole[at : at + block]) for at in range(0, len(whole), block))


def decrypted_data(algorithm: CardAlgorithm, session: bytes, sealed: bytes) -> bytes | None:
    """Return what `encrypted_data` sealed; None for what it cannot have sealed."""
    block = algorithm.block
    if not sealed or len(sealed) % block:
        return None
    whole = b"".join(_decrypt(algorithm, session, sealed[at : at + block]) for at in range(0, len(sealed), block))
    end = 1 + whole[0]
    padding = whole[end:]
    sound = end <= len(whole) and len(padding) < block and padding in (b"", _PADDING.ljust(len(padding), b"\x00"))
    return whole[1:end] if sound else None


def diversify(algorithm: CardAlgorithm, key: bytes, factor: bytes) -> bytes:
    """Derive the 16-byte key of the next level from a factor of 8 bytes."""
    inverted = bytes(byte ^ 0xFF for byte in factor)
    if algorithm is CardAlgorithm.TRIPLE_DES:
        return _triple_des(key, factor) + _triple_des(key, inverted)
    return _sm4(key, factor + inverted)


def card_key(
    algorithm: CardAlgorithm, master: bytes, region: str, history: bytes, rule: FactorRule = USUAL_FACTORS
) -> bytes:
    """Derive a card's key: master, province, city, card.

    `region` is six digits (GB/T 2260), `history` the 13 historical bytes of the ATR.
    """
    factors = rule.of(region, history)
    province = diversify(algorithm, master, factors.province)
    city = diversify(algorithm, province, factors.city)
    return diversify(algorithm, city, factors.card)


def _encrypt(algorithm: CardAlgorithm, session: bytes, block: bytes) -> bytes:
    # A 3DES session key is 8 bytes: single DES from there on.
    return _triple_des(session * 2, block) if algorithm is CardAlgorithm.TRIPLE_DES else _sm4(session, block)


def _decrypt(algorithm: CardAlgorithm, session: bytes, block: bytes) -> bytes:
    cipher = TripleDES(session * 3) if algorithm is CardAlgorithm.TRIPLE_DES else SM4(session)
    decryptor = Cipher(cipher, ECB()).decryptor()  # noqa: S305 - the card's own rule, one block
    return decryptor.update(block) + decryptor.finalize()


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
