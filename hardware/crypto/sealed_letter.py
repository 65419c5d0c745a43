"""A letter that only the owner of an SM2 key can read: SM4-GCM under a key of its own, which SM2 wraps.

Computed by GmSSL in software: no certified module. Nothing here says who wrote it; whoever sends it signs it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import gmssl_pyx

from hardware.crypto.sm2 import Sm2Pair

_NONCE_BYTES = 12


@dataclass(frozen=True)
class SealedLetter:
    """`wrapped_key` is DER (C1C3C2), the rest are bare bytes; the tag has 16."""

    wrapped_key: bytes
    nonce: bytes
    sealed: bytes
    tag: bytes


def seal(public: bytes, text: bytes, open_part: bytes) -> SealedLetter:
    """Seal a text for a public key; `open_part` travels beside it and cannot be changed either."""
    key, nonce = secrets.token_bytes(gmssl_pyx.SM4_KEY_SIZE), secrets.token_bytes(_NONCE_BYTES)
    sealed, tag = gmssl_pyx.sm4_gcm_encrypt(key, nonce, open_part, text)
    return SealedLetter(bytes(gmssl_pyx.sm2_encrypt(public, key)), nonce, bytes(sealed), bytes(tag))


def unseal(pair: Sm2Pair, letter: SealedLetter, open_part: bytes) -> bytes | None:
    """Return the text; None when it is for another key, or a byte of it or of the open part was changed."""
    try:
        key = gmssl_pyx.sm2_decrypt(pair.private, letter.wrapped_key)
        return bytes(gmssl_pyx.sm4_gcm_decrypt(bytes(key), letter.nonce, open_part, letter.sealed, letter.tag))
    except gmssl_pyx.GmsslInnerError:
        return None
