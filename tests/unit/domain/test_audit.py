"""The chain's arithmetic: epochs, keys that only go forward, links, and what a signature covers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain import digest
from app.domain.anchor import Anchor, Countersigned, Enrolment, signed_text
from app.domain.audit import (
    EPOCH_ROWS,
    NOTHING,
    ChainRead,
    Link,
    StoredRow,
    epoch_of,
    first_false_tag,
    first_of_epoch,
    key_after,
    next_key,
    read_chain,
    row_sm3,
    tag_of,
)
from app.domain.operation import canonical_json
from hardware.crypto import sm3

KEY = bytes(range(32))


def chain(*entries: bytes) -> list[StoredRow]:
    rows, last = [], NOTHING
    for number, entry in enumerate(entries, 1):
        last = row_sm3(last, number, entry)
        rows.append((number, entry, last))
    return rows


def test_a_row_is_plain_sm3_over_what_was_before_its_number_and_its_bytes() -> None:
    whole = b"a" * 32 + (7).to_bytes(8, "big") + b"{}"
    assert row_sm3(b"a" * 32, 7, b"{}") == hashlib.new("sm3", whole).digest()
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


@pytest.mark.parametrize("sm3_of", [digest.sm3, sm3.sm3])
def test_a_whole_chain_is_followed_to_its_end(sm3_of: Callable[[bytes], bytes]) -> None:
    rows = chain(b"a", b"b", b"c")
    assert read_chain(rows, 0, NOTHING, {2}, sm3_of) == ChainRead(3, rows[2][2], None, {2: rows[1][2]})
    assert read_chain(rows[1:], 1, rows[0][2]) == ChainRead(3, rows[2][2], None, {})
    assert read_chain([], 7, KEY) == ChainRead(7, KEY, None, {})


def test_it_is_followed_as_far_as_it_is_whole() -> None:
    rows = chain(b"a", b"b", b"c")
    spoilt = [rows[0], (2, b"B", rows[1][2]), rows[2]]
    assert read_chain(spoilt, 0, NOTHING, {1, 2, 3}) == ChainRead(1, rows[0][2], 2, {1: rows[0][2]})
    assert read_chain(rows[1:], 0, NOTHING).first_bad == 1
    assert read_chain([(-5, b"", b""), *rows], 0, NOTHING).first_bad == -5


def test_the_first_tag_that_is_not_under_the_key_is_named() -> None:
    links = [Link(number, sm3, tag_of(KEY, number, sm3)) for number, _entry, sm3 in chain(b"a", b"b", b"c")]
    assert first_false_tag(links, KEY) is None
    assert first_false_tag(links, next_key(KEY)) == 1
    assert first_false_tag([links[0], replace(links[1], tag=links[0].tag), links[2]], KEY) == 2
    assert first_false_tag([], KEY) is None


def test_a_signature_under_one_kind_is_none_under_another() -> None:
    anchor = Anchor("d", "i", 1, "00", "11", "t")
    answer = Countersigned("d", "i", 1, 1, "00", "t")
    kind, text = signed_text(anchor).split(b"\n", 1)
    assert kind == b"yikatong/anchor/1"
    fields = {"after_n": 0, "after_sm3": "00" * 32, "at": "t", "device": "d", "incarnation": "i", "n": 1, "sm3": "00"}
    assert text == canonical_json({**fields, "tag": "11"}).encode()
    assert signed_text(answer).startswith(b"yikatong/countersigned/1\n")
    assert signed_text(replace(anchor, signature="aa")) == signed_text(anchor)
    assert signed_text(replace(anchor, n=2)) != signed_text(anchor)


def test_the_first_key_is_not_shown() -> None:
    assert "5ec2e7" not in repr(Enrolment("d", "i", 1, "5ec2e7", "pub"))
