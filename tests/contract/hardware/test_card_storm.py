"""Random insertions, removals and tears through a real pcscd: 60, or 2,000 with --long."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardFault, ReaderState, ReaderStatus
from hardware.readers.service import pcsc_context
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.hsm import VirtualHsm
from tests.contract.virtual_card import plugged
from tests.open_handles import open_handles

CARDS = ("gen1", "gen2", "gen3", "gen3-3des", "bank-only")


class Storm:
    """A supervisor on the real service, at most one card in each of its two slots, and a seed."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.chance = random.Random(seed)
        self.changed = threading.Condition()
        self.supervisor = ReaderSupervisor(pcsc_context, self.note)
        self.slots: dict[int, ExitStack] = {}
        self.ends: Counter[str] = Counter()

    def note(self, status: ReaderStatus) -> None:
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, state: ReaderState) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.supervisor.status.state is state, 15.0), self.supervisor.status

    def event(self) -> None:
        slot = self.chance.randrange(2)
        match self.chance.choice(["insert", "insert", "remove", "tear", "read", "read"]):
            case "insert":
                self.insert(slot, self.chance.choice(CARDS), None)
            case "tear":
                self.insert(slot, self.chance.choice(CARDS), self.chance.randrange(30))
            case "remove":
                self.remove(slot)
            case "read":
                self.read()

    def insert(self, slot: int, card: str, pull_after: int | None) -> None:
        self.remove(slot)
        self.slots[slot] = ExitStack()
        self.slots[slot].enter_context(plugged(card, self.port + slot, pull_after=pull_after))

    def remove(self, slot: int) -> None:
        if slot in self.slots:
            self.slots.pop(slot).close()

    def read(self) -> SocialCard | CardFault:
        outcome = self.supervisor.use(lambda channel: read_card(channel, VirtualHsm())).result(20)
        self.ends[outcome.kind if isinstance(outcome, CardFault) else "card"] += 1
        return outcome


def run(port: int, events: int, seed: int) -> None:
    storm = Storm(port, seed)
    storm.insert(0, "gen2", None)
    storm.remove(0)
    threads, handles = set(threading.enumerate()), open_handles()
    storm.supervisor.start()
    try:
        for _ in range(events):
            storm.event()
            time.sleep(storm.chance.choice([0.0, 0.0, 0.1, 0.5]))
        for slot in (0, 1):
            storm.remove(slot)
        storm.wait_for(ReaderState.EMPTY)
        storm.insert(0, "gen3", None)
        storm.wait_for(ReaderState.READY)
        outcome = storm.read()
        assert isinstance(outcome, SocialCard), outcome
        assert outcome.authenticated
        storm.remove(0)
        storm.wait_for(ReaderState.EMPTY)
    finally:
        for slot in (0, 1):
            storm.remove(slot)
        storm.supervisor.stop()
    assert set(threading.enumerate()) == threads
    assert open_handles() <= handles
    assert len(storm.ends) >= 3, storm.ends


def test_sixty_events(pcsc):
    run(pcsc.port, 60, 20261122)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_events(pcsc):
    run(pcsc.port, 2000, 7)
