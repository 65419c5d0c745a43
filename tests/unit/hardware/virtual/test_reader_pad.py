"""A pad in the reader, all the way: supervisor, part 10, virtual pad, virtual card; and bad structures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hardware.card.read_card import select_ssse
from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.reader_pad import PinBlock, ReaderPad, pin_modify, pin_verify
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import READER, InProcessService
from hardware.virtual.profiles import load_profile
from hardware.virtual.reader_pad import MODIFY_CODE, VERIFY_CODE, PadEnd, VirtualReaderPad

GENERATIONS = ("gen1", "gen2", "gen3")
"""Their passwords have six, eight and seven digits: a block that is full, and one filled with F."""


def password(name: str) -> str:
    return load_profile(name).chip.pin


def other(name: str, digits: str = "31415926") -> str:
    return digits[: len(password(name))]


def done(name: str, entries: Sequence[str | PadEnd] | None, *steps: str) -> list[PinOutcome]:
    """Do steps of a pad with a card in the reader."""
    service = InProcessService()
    service.insert(VirtualCard(load_profile(name)))
    if entries is not None:
        service.give_pad(VirtualReaderPad(list(entries)))
    card = service.context().connect(READER)
    select_ssse(card)
    pad = ReaderPad(card, PinBlock(len(password(name)), len(password(name))))
    return [getattr(pad, step)() for step in steps]


@pytest.mark.parametrize("name", GENERATIONS)
def test_the_card_judges_what_the_holder_enters(name):
    wrong, right = done(name, [other(name), password(name)], "verify", "verify")
    assert (wrong.end, right) == (PinEnd.WRONG, PinOutcome(PinEnd.VERIFIED))
    assert wrong.detail == f"63C{wrong.tries_left}"


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_change_is_made_by_the_old_and_twice_the_new_one(name):
    old, new, third = password(name), other(name), other(name, "27182818")
    assert done(name, [old, new, new, new], "change", "verify") == [PinOutcome(PinEnd.VERIFIED)] * 2
    changed, after = done(name, [old, new, third, old], "change", "verify")
    assert (changed.end, after.end) == (PinEnd.DIFFERENT, PinEnd.VERIFIED)
    assert done(name, [third, new, new], "change")[0].end is PinEnd.WRONG


@pytest.mark.parametrize(
    ("entries", "end"),
    [
        (["1234"], PinEnd.BAD_LENGTH),
        ([PadEnd.CANCELLED], PinEnd.CANCELLED),
        ([], PinEnd.TIMED_OUT),
        (None, PinEnd.NO_PAD),
    ],
)
@pytest.mark.parametrize("step", ["verify", "change"])
def test_an_entry_that_ends_early_does_not_reach_the_card(entries, end, step):
    assert done("gen2", entries, step)[0].end is end


@pytest.mark.parametrize(
    ("code", "structure"),
    [
        (VERIFY_CODE, pin_verify(PinBlock())[:-1]),
        (VERIFY_CODE, b""),
        (VERIFY_CODE, pin_verify(PinBlock()).replace(b"\x81", b"\x82", 1)),
        (MODIFY_CODE, pin_modify(PinBlock()) + b"\x00"),
    ],
)
def test_a_structure_that_is_none_is_refused(code, structure):
    pad = VirtualReaderPad(["246801"])

    def transmit(apdu: bytes) -> tuple[bytes, int]:
        raise AssertionError("nothing is sent")

    assert pad.control(code, structure, transmit) == bytes.fromhex("6B80")
    assert "246801" not in repr(pad)
