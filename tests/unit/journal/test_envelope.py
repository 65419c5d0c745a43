"""Envelopes open only where they were sealed, whole, and under their own key."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from hypothesis import given
from hypothesis import strategies as st

from app.journal.envelope import (
    EnvelopeBroken,
    Place,
    SealingKey,
    head_of,
    key_id_of,
    seal,
    unseal,
)

KEY = SealingKey(7, bytes(range(16)))
PLACE = Place("operation", ("op-1",), "payload")
CLEAR = "张三 350102199001011239".encode()


@given(clear=st.binary(max_size=300), row=st.lists(st.text(max_size=20), max_size=4), column=st.text(max_size=10))
def test_what_was_sealed_opens_at_its_place(clear: bytes, row: list[str], column: str) -> None:
    place = Place("t", tuple(row), column)
    envelope = seal(KEY, place, clear)
    assert unseal(KEY, place, envelope) == clear
    assert envelope.startswith(head_of(7))
    assert key_id_of(envelope) == 7
    assert len(envelope) == len(clear) + 33


def test_every_changed_bit_is_found() -> None:
    envelope = seal(KEY, PLACE, CLEAR)
    for place in range(len(envelope)):
        for bit in range(8):
            edited = bytearray(envelope)
            edited[place] ^= 1 << bit
            with pytest.raises(EnvelopeBroken):
                unseal(KEY, PLACE, bytes(edited))


def test_every_cut_is_found() -> None:
    envelope = seal(KEY, PLACE, CLEAR)
    for end in range(len(envelope)):
        with pytest.raises(EnvelopeBroken):
            unseal(KEY, PLACE, envelope[:end])
    with pytest.raises(EnvelopeBroken):
        unseal(KEY, PLACE, envelope + b"\0")


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("operation", ("op-2",), "payload"),
        Place("operation", ("op-1",), "note"),
        Place("task", ("op-1",), "payload"),
        Place("operation", ("op-", "1"), "payload"),
        Place("operationop-1", (), "payload"),
        Place("operation", (), "op-1payload"),
    ],
)
def test_an_envelope_opens_nowhere_else(elsewhere: Place) -> None:
    with pytest.raises(EnvelopeBroken):
        unseal(KEY, elsewhere, seal(KEY, PLACE, CLEAR))


def test_neither_another_key_nor_another_number_opens_it() -> None:
    envelope = seal(KEY, PLACE, CLEAR)
    for other in (SealingKey(7, os.urandom(16)), SealingKey(8, KEY.key)):
        with pytest.raises(EnvelopeBroken):
            unseal(other, PLACE, envelope)


def test_no_nonce_is_used_twice() -> None:
    envelopes = [seal(KEY, PLACE, CLEAR) for _ in range(2000)]
    assert len({envelope[5 : 5 + 12] for envelope in envelopes}) == 2000
    assert len(set(envelopes)) == 2000


def test_it_is_sm4_and_not_another_cipher() -> None:
    envelope = seal(KEY, PLACE, CLEAR)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever AES says of it
        AESGCM(KEY.key).decrypt(envelope[5:17], envelope[17:], None)


def test_what_an_earlier_program_sealed_opens_in_a_later_one() -> None:
    bound = b"\x01\0\0\0\x07" + b"\0\0\0\x09operation" + b"\0\0\0\x04op-1" + b"\0\0\0\x07payload"
    sealing = Cipher(SM4(KEY.key), GCM(b"twelve bytes")).encryptor()
    sealing.authenticate_additional_data(bound)
    sealed = sealing.update(CLEAR) + sealing.finalize()
    assert unseal(KEY, PLACE, b"\x01\0\0\0\x07twelve bytes" + sealed + sealing.tag) == CLEAR


def test_what_does_not_open_names_its_table() -> None:
    envelope = seal(KEY, PLACE, CLEAR)
    for key, place in ((SealingKey(8, KEY.key), PLACE), (KEY, Place("operation", ("op-2",), "payload"))):
        with pytest.raises(EnvelopeBroken, match=r"^operation$"):
            unseal(key, place, envelope)


def test_a_key_is_not_in_what_is_shown() -> None:
    shown = repr(SealingKey(7, b"s3cret-s3cret-16"))
    assert "s3cret" not in shown
