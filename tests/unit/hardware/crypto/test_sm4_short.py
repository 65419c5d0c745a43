"""GmSSL and OpenSSL write and read the same SM4-GCM."""

from __future__ import annotations

import pytest

from hardware.crypto import sm4_gcm, sm4_short

KEY = bytes(range(16))


@pytest.mark.parametrize("size", [1, 15, 16, 17, 300, 5000])
def test_what_one_seals_the_other_opens(size: int) -> None:
    text = bytes(n % 251 for n in range(size))
    assert sm4_gcm.unseal(KEY, sm4_short.seal(KEY, text, b"name"), b"name") == text
    assert sm4_short.unseal(KEY, sm4_gcm.seal(KEY, text, b"name"), b"name") == text


def test_anything_else_is_none() -> None:
    good = sm4_short.seal(KEY, b"text", b"name")
    assert sm4_short.unseal(KEY, good, b"phone") is None
    assert sm4_short.unseal(bytes(16), good, b"name") is None
    assert sm4_short.unseal(KEY, good[:-1], b"name") is None
    assert sm4_short.unseal(KEY, b"", b"name") is None
    for place in range(len(good)):
        changed = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert sm4_short.unseal(KEY, changed, b"name") is None


def test_a_nonce_is_used_once() -> None:
    assert sm4_short.seal(KEY, b"text", b"name") != sm4_short.seal(KEY, b"text", b"name")
