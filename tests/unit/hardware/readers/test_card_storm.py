"""2,000 random insertions, removals and tears: afterwards the supervisor is ready, and no thread or handle is left."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

import pytest

from hardware.card.pin import verify_pin
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel, CardFault, Pin, ReaderState, ReaderStatus
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_memory import TearMoment
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.in_process import READER, InProcessService
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from tests.open_handles import open_handles

EVENTS = 2000
EVENT_KINDS = ("insert", "insert", "remove", "tear", "tear write", "psam", "read", "read", "verify")
SECOND = "Virtual PCD 00 01"


class Storm:
    """One supervisor, two readers, a drawer of cards that keep what was written on them, and a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.service = InProcessService((READER, SECOND))
        self.changed = threading.Condition()
        self.supervisor = ReaderSupervisor(self.service.context, self.note)
        self.drawer = [VirtualCard(load_profile(name)) for name in ("gen1", "gen2", "gen3", "gen3-3des", "bank-only")]
        self.psam = VirtualPsam(load_psam("training"))
        self.ends: Counter[str] = Counter()

    def note(self, status: ReaderStatus) -> None:
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, state: ReaderState) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.supervisor.status.state is state, 5.0), self.supervisor.status

    def event(self) -> None:
        reader = self.chance.choice([READER, SECOND])
        match self.chance.choice(
            ["insert", "insert", "remove", "tear", "tear write", "psam", "read", "read", "verify"]
        ):
            case "insert":
                self.insert(reader)
            case "remove":
                self.service.remove(reader)
            case "tear":
                self.insert(reader).pull_after(self.chance.randrange(20))
            case "tear write":
                self.insert(reader).tear_write(self.chance.randrange(3), self.chance.choice(list(TearMoment)))
            case "psam":
                self.service.remove(SECOND if reader == READER else READER)
                self.service.insert(self.psam, reader)
            case "read":
                self.use(lambda channel: read_card(channel, VirtualHsm()))
            case "verify":
                self.use(lambda channel: verify_pin(channel, Pin("0000")))

    def insert(self, reader: str) -> VirtualCard:
        """Put a card in that is in no reader: one chip is in one place."""
        held = [slot.card for slot in self.service._readers.values()]
        card = self.chance.choice([card for card in self.drawer if card not in held])
        self.service.insert(card, reader)
        return card

    def use(self, work) -> None:
        outcome = self.supervisor.use(work).result(5)
        self.ends[outcome.kind if isinstance(outcome, CardFault) else type(outcome).__name__] += 1


@pytest.mark.parametrize("seed", [20261122])
def test_two_thousand_events_in_the_process(seed):
    threads, handles = set(threading.enumerate()), open_handles()
    storm = Storm(seed)
    storm.supervisor.start()
    try:
        for _ in range(EVENTS):
            storm.event()
            if storm.chance.random() < 0.2:
                time.sleep(0.001)
        for reader in (READER, SECOND):
            storm.service.remove(reader)
        storm.wait_for(ReaderState.EMPTY)
        storm.service.insert(VirtualCard(load_profile("gen3")))
        storm.wait_for(ReaderState.READY)

        def read(channel: CardChannel) -> SocialCard | CardFault:
            return read_card(channel, VirtualHsm())

        outcome = storm.supervisor.use(read).result(5)
        assert isinstance(outcome, SocialCard), outcome
        assert outcome.authenticated
    finally:
        storm.supervisor.stop()
    assert set(threading.enumerate()) == threads
    assert open_handles() <= handles
    assert storm.ends["SocialCard"] > 20, storm.ends
    assert {"pulled", "no_card", "foreign", "WrongPin"} <= set(storm.ends), storm.ends
