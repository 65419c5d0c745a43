"""SM4-GCM (GB/T 32907, GB/T 36624) of OpenSSL, in software: `nonce (12) ‖ ciphertext ‖ tag (16)` under 16-byte keys."""

from __future__ import annotations

import os

KEY_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD = _NONCE_BYTES + _TAG_BYTES


def seal(key: bytes, clear: bytes, bound: bytes) -> bytes:
    """Seal bytes under a nonce of their own; `bound` is authenticated beside them and not stored."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    nonce = os.urandom(_NONCE_BYTES)
    sealing = Cipher(SM4(key), GCM(nonce)).encryptor()
    sealing.authenticate_additional_data(bound)
    sealed = sealing.update(clear) + sealing.finalize()
    return nonce + sealed + sealing.tag


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    """Return what was sealed under this key and `bound`; None for anything else."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    if len(sealed) < OVERHEAD:
        return None
    opening = Cipher(SM4(key), GCM(sealed[:_NONCE_BYTES], sealed[-_TAG_BYTES:])).decryptor()
    opening.authenticate_additional_data(bound)
    try:
        return opening.update(sealed[_NONCE_BYTES:-_TAG_BYTES]) + opening.finalize()
    except InvalidTag:
        return None
