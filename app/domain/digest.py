"""SM3 digests (GB/T 32905): bytes, or 64 lower-case hex digits."""

from __future__ import annotations

import hashlib


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest of bytes, 32 bytes."""
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).digest()
    return _sm3_without_openssl(data)


def sm3_hex(data: bytes) -> str:
    """Return the SM3 digest of bytes as hex."""
    return sm3(data).hex()


def payload_sm3(payload: str) -> str:
    """Return the SM3 digest of a payload's UTF-8 bytes as hex."""
    return sm3_hex(payload.encode("utf-8"))


def _sm3_without_openssl(data: bytes) -> bytes:
    # Only where Python's own OpenSSL was built without SM3; slow to load.
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()
