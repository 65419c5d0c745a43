"""A card, or a PSAM, that answers any status word to any command ends in an outcome, and soon."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import pytest

from hardware.card.authentication import CardFacts
from hardware.card.elements import Generation
from hardware.card.file_map_table import load_file_map
from hardware.card.pin import NoPin, PinDone, WrongPin, change_pin, pin_tries, verify_pin
from hardware.card.pin_unblock import unblock_pin
from hardware.card.psam import Psam
from hardware.card.read_card import read_card, recognize
from hardware.card.read_file import Closed, FileContents, read_file
from hardware.card.region_rules import PsamRule, RegionRules, load_region_rules
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel, CardFault, CardFaultKind, CardGone, Pin
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.chip import CardSilent, VirtualChip
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam

MOST_COMMANDS = 600
"""No flow sends more, whatever it is told."""
PSAM = load_psam("training")
USUAL = load_region_rules().default
RULES = RegionRules(replace(USUAL, psam=PsamRule(PSAM.keys, (3, 2, 1))), {})
OUTCOMES = (SocialCard, CardFacts, CardFault, PinDone, WrongPin, NoPin, int, FileContents, Closed)


@dataclass
class ContraryChannel:
    """Answers one status word at one step, or from there on, with the data or without."""

    chip: VirtualChip
    step: int = -1
    status: int = 0
    ever_after: bool = False
    keeps_data: bool = True
    sent: list[bytes] = field(default_factory=list)

    @property
    def atr(self) -> bytes:
        return self.chip.atr

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        at = len(self.sent)
        self.sent.append(apdu)
        assert at < MOST_COMMANDS, "no end"
        try:
            answer = self.chip.transmit(apdu)
        except CardSilent as silent:
            raise CardGone(CardFaultKind.PULLED) from silent
        data, status = answer[:-2], int.from_bytes(answer[-2:])
        if at == self.step or (self.ever_after and 0 <= self.step < at):
            return (data if self.keeps_data else b""), self.status
        return data, status


def identity(channel: CardChannel) -> object:
    return read_card(channel, VirtualHsm())


def password(channel: CardChannel) -> object:
    facts = recognize(channel)
    if isinstance(facts, CardFault):
        return facts
    wrong, right = Pin("000000"), Pin("2468033")
    for step in (
        lambda: pin_tries(channel),
        lambda: verify_pin(channel, wrong),
        lambda: verify_pin(channel, right),
        lambda: change_pin(channel, right, wrong),
        lambda: unblock_pin(channel, VirtualHsm(), facts, right),
    ):
        outcome = step()
        if isinstance(outcome, CardFault):
            return outcome
    return outcome


def files(channel: CardChannel) -> object:
    outcome: object = recognize(channel)
    for name in ("SSSEEF05", "SSSEEF08", "DF02EF07"):
        outcome = read_file(channel, load_file_map().file(name), Generation.THIRD)
        if isinstance(outcome, CardFault):
            return outcome
    return outcome


@cache
def card_beside_the_psam() -> VirtualCard:
    return VirtualCard(load_profile("gen3"))


def by_psam(module: CardChannel) -> object:
    card_beside_the_psam().reset()
    return read_card(ContraryChannel(card_beside_the_psam()), Psam(module, RULES))


FLOWS: dict[str, tuple[Callable[[CardChannel], object], Callable[[], VirtualChip]]] = {
    "identity 1.0": (identity, lambda: VirtualCard(load_profile("gen1"))),
    "identity 3.0": (identity, lambda: VirtualCard(load_profile("gen3"))),
    "password": (password, lambda: VirtualCard(load_profile("gen3"))),
    "files": (files, lambda: VirtualCard(load_profile("gen3"))),
    "psam": (by_psam, lambda: VirtualPsam(PSAM)),
}


def run(flow: str, channel: ContraryChannel) -> object:
    """Run a flow; a card that is gone is an outcome of whoever holds the channel."""
    try:
        return FLOWS[flow][0](channel)
    except CardGone as gone:
        return gone.fault


def steps(flow: str) -> int:
    channel = ContraryChannel(FLOWS[flow][1]())
    assert not isinstance(run(flow, channel), CardFault)
    return len(channel.sent)


def sampled(chance: random.Random) -> Iterator[int]:
    """One of every first byte, and all that a card may mean something by."""
    yield from (first << 8 | chance.randrange(256) for first in range(256))
    yield from (
        0x6100,
        0x6C00,
        0x6581,
        0x6901,
        0x6981,
        0x6982,
        0x6983,
        0x6984,
        0x6985,
        0x6986,
        0x6988,
        0x6A80,
        0x6A81,
        0x6A82,
    )
    yield from (0x6A83, 0x6A84, 0x6A85, 0x6A86, 0x6A88, 0x63C0, 0x63C2, 0x63CF, 0x61FF, 0x6CFF, 0x9302, 0x9303, 0x9406)


def told(outcome: object) -> str:
    shut = isinstance(outcome, SocialCard) and not outcome.authenticated
    return f"{type(outcome).__name__}{' shut' if shut else ''}"


def contrary(flow: str, chip: VirtualChip, step: int, status: int, chance: random.Random) -> ContraryChannel:
    return ContraryChannel(chip, step, status, chance.random() < 0.3, chance.random() < 0.5)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_sample_of_every_class_at_every_step(flow):
    chance = random.Random(flow)
    chip = FLOWS[flow][1]()
    seen: set[str] = set()
    for step in range(steps(flow)):
        for status in sampled(chance):
            chip.insert()
            if isinstance(chip, VirtualCard):
                chip._state.memory.tries.update(chip._state.memory.most_tries)
            channel = contrary(flow, chip, step, status, chance)
            outcome = run(flow, channel)
            assert isinstance(outcome, OUTCOMES), f"{channel.sent[step].hex()} {status:04X}: {outcome!r}"
            seen.add(outcome.kind if isinstance(outcome, CardFault) else told(outcome))
    assert len(seen) >= 2, seen


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("flow", FLOWS)
def test_all_65536_status_words_at_some_step(flow):
    chance = random.Random(flow)
    chip = FLOWS[flow][1]()
    count = steps(flow)
    for status in range(0x10000):
        chip.insert()
        channel = contrary(flow, chip, chance.randrange(count), status, chance)
        assert isinstance(run(flow, channel), OUTCOMES), f"{status:04X}"
