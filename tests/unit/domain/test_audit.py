"""The chain's arithmetic: epochs, keys that only go forward, links, and what a signature covers."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from app.domain.anchor import Anchor, Countersigned, Enrolment, signed_text
from app.domain.audit import (
    EPOCH_ROWS,
    NOTHING,
    Link,
    epoch_of,
    first_of_epoch,
    key_after,
    link,
    next_key,
    read_chain,
    row_sm3,
    tag_of,
)

KEY = bytes(range(32))
FIRST = Link(0, NOTHING, NOTHING)


def chain(entries: list[bytes], key: bytes = KEY) -> list[tuple[int, bytes, bytes, bytes]]:
    rows, last = [], FIRST
    for entry in entries:
        last = link(last, entry, key)
        rows.append((last.n, entry, last.sm3, last.tag))
    return rows


def test_a_row_is_plain_sm3_over_what_was_before_its_number_and_its_bytes() -> None:
    whole = b"a" * 32 + b"b" * 32 + (7).to_bytes(8, "big") + b"{}"
    assert row_sm3(b"a" * 32, b"b" * 32, 7, b"{}") == hashlib.new("sm3", whole).digest()
    assert tag_of(KEY, 7, b"c" * 32) == hmac.digest(KEY, (7).to_bytes(8, "big") + b"c" * 32, "sm3")


@pytest.mark.parametrize(
    ("number", "epoch"), [(5, 0), (6, 0), (5 + EPOCH_ROWS - 1, 0), (5 + EPOCH_ROWS, 1), (5 + 3 * EPOCH_ROWS, 3)]
)
def test_epochs_begin_every_thousand_rows(number: int, epoch: int) -> None:
    assert epoch_of(5, number) == epoch
    assert epoch_of(5, first_of_epoch(5, epoch)) == epoch
    assert epoch_of(5, first_of_epoch(5, epoch + 1) - 1) == epoch


def test_keys_go_forward() -> None:
    assert key_after(KEY, 0) == KEY
    assert key_after(KEY, 3) == next_key(next_key(next_key(KEY)))
    assert len({KEY, next_key(KEY), key_after(KEY, 2)}) == 3


def test_a_whole_chain_is_followed_to_its_end() -> None:
    rows = chain([b"a", b"b", b"c"])
    read = read_chain(rows, FIRST, KEY, 1, {2})
    assert (read.last, read.first_bad, read.digests) == (Link(3, rows[2][2], rows[2][3]), None, {2: rows[1][2]})
    assert read_chain([], FIRST, KEY, 1).last == FIRST


def test_tags_are_checked_from_a_row_on() -> None:
    rows = chain([b"a", b"b", b"c"], next_key(KEY))
    assert read_chain(rows, FIRST, KEY, 4).first_bad is None
    assert read_chain(rows, FIRST, KEY, 3).first_bad == 3
    assert read_chain(rows, FIRST, KEY, 2).first_bad == 2


def test_without_the_key_a_row_cannot_be_written_anew() -> None:
    rows = chain([b"a", b"b", b"c"])
    forged = chain([b"a", b"B", b"c"], b"guessed".ljust(32))
    assert read_chain([rows[0], *forged[1:]], FIRST, KEY, 1).first_bad == 2


def test_a_tag_of_a_row_is_under_the_row_that_follows() -> None:
    rows = chain([b"a", b"b"])
    spoilt = [(1, b"a", rows[0][2], bytes(32)), rows[1]]
    assert read_chain(spoilt, FIRST, KEY, 2).first_bad == 2


def test_a_signature_under_one_kind_is_none_under_another() -> None:
    anchor = Anchor("d", "i", 1, "00", "11", "t")
    answer = Countersigned("d", "i", 1, 1, "00", "t")
    assert (
        signed_text(anchor)
        == b'yikatong/anchor/1\n{"at":"t","device":"d","incarnation":"i","n":1,"sm3":"00","tag":"11"}'
    )
    assert signed_text(answer).startswith(b"yikatong/countersigned/1\n")
    assert signed_text(replace(anchor, signature="aa")) == signed_text(anchor)
    assert signed_text(replace(anchor, n=2)) != signed_text(anchor)


def test_the_first_key_is_not_shown() -> None:
    assert "5ec2e7" not in repr(Enrolment("d", "i", 1, "5ec2e7", "pub"))
