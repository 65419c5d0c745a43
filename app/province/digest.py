"""SM3 of what travels to the province."""

from __future__ import annotations

import hashlib


def payload_sm3(payload: str) -> str:
    """Return the SM3 digest (GM/T 0004) of a payload's UTF-8 bytes, 64 lower-case hex digits."""
    data = payload.encode("utf-8")
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).hexdigest()
    return _sm3_without_openssl(data)


def _sm3_without_openssl(data: bytes) -> str:
    # Imported here because most machines never need it and it is slow to load.
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize().hex()
