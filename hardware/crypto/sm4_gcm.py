"""SM4-GCM (GB/T 32907, GB/T 36624) of OpenSSL, in software: `nonce (12) ‖ ciphertext ‖ tag (16)` under 16-byte keys."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

KEY_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD = _NONCE_BYTES + _TAG_BYTES


def seal(key: bytes, clear: bytes, bound: bytes) -> bytes:
    """Seal bytes under a nonce of their own; `bound` is authenticated beside them and not stored."""
    of = _openssl()
    nonce = os.urandom(_NONCE_BYTES)
    sealing = of.cipher(of.sm4(key), of.gcm(nonce)).encryptor()
    sealing.authenticate_additional_data(bound)
    sealed = sealing.update(clear) + sealing.finalize()
    return b"".join((nonce, sealed, sealing.tag))


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """Return what was sealed under this key and `bound`; None for anything else."""
    if len(sealed) < OVERHEAD:
        return None
    of = _openssl()
    opening = of.cipher(of.sm4(key), of.gcm(sealed[:_NONCE_BYTES], sealed[-_TAG_BYTES:])).decryptor()
    opening.authenticate_additional_data(bound)
    try:
        return opening.update(sealed[_NONCE_BYTES:-_TAG_BYTES]) + opening.finalize()
    except of.invalid_tag:
        return None


class _OpenSsl(NamedTuple):
    cipher: type[Cipher[GCM]]
    sm4: type[SM4]
    gcm: type[GCM]
    invalid_tag: type[InvalidTag]


@cache
def _openssl() -> _OpenSsl:
    # Loaded by the first who seals, for a start that reads nothing sealed does without; and once, for importing again
    # takes longer than sealing a short text does.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    return _OpenSsl(Cipher, SM4, GCM, InvalidTag)
