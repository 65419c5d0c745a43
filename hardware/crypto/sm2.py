"""SM2 signatures with SM3 (GB/T 32918.2; signer id of GM/T 0009), SM2 encryption (GB/T 32918.4).

Computed by GmSSL in software: no certified module.

Keys are bare bytes: private 32, public 64 (x ‖ y, without the leading 04). Signatures are DER. GmSSL itself writes its
trace to stderr when a signature is false.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import gmssl_pyx


@dataclass(frozen=True)
class Sm2Pair:
    """A key pair; the private half is never shown."""

    private: bytes = field(repr=False)
    public: bytes


def make_pair() -> Sm2Pair:
    """Make a new random pair."""
    public, private = gmssl_pyx.sm2_key_generate()
    return Sm2Pair(bytes(private), bytes(public))


def sign(pair: Sm2Pair, message: bytes) -> bytes:
    """Sign a message; raises InvalidValueError for a pair that is none."""
    return bytes(gmssl_pyx.sm2_sign(pair.private, pair.public, message))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the owner of a public key signed the message; whatever is malformed is not signed."""
    try:
        return bool(gmssl_pyx.sm2_verify(public, message, signature))
    except gmssl_pyx.InvalidValueError:
        return False


LONGEST_SEALED = 255
"""Bytes that SM2 takes at once; a key is wrapped by it, and what is longer is sealed under that key."""


def encrypt(public: bytes, clear: bytes) -> bytes:
    """Seal 1 to LONGEST_SEALED bytes for the owner of a public key; DER of GM/T 0009. Raises InvalidValueError."""
    return bytes(gmssl_pyx.sm2_encrypt(public, clear))


def decrypt(pair: Sm2Pair, sealed: bytes) -> bytes | None:
    """Return what was sealed for this pair; None for anything else."""
    try:
        return bytes(gmssl_pyx.sm2_decrypt(pair.private, sealed))
    except (gmssl_pyx.InvalidValueError, gmssl_pyx.GmsslInnerError):
        return None
