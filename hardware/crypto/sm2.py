"""SM2 signatures with SM3 (GB/T 32918.2; signer id of GM/T 0009), computed by GmSSL in software: no certified module.

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
