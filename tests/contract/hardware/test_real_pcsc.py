"""Supervisor and reading over a real pcscd with vpcd's readers."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from hardware.card.elements import PROTECTED
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.reader_pad import PinBlock, ReaderPad
from hardware.ports import CardFault, CardFaultKind, CardGone, ReaderState, ReaderStatus
from hardware.readers.service import pcsc_context
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.private_pcscd import PcscService
from hardware.virtual.profiles import load_profile
from tests.contract.virtual_card import plugged

FIRST = "Virtual PCD 00 00"


class Watch:
    """A supervisor on the real service, and what it published."""

    def __init__(self, pattern: str | None = None) -> None:
        self.states: list[ReaderState] = []
        self.changed = threading.Condition()
        self.supervisor = ReaderSupervisor(pcsc_context, self.note, pattern)

    def note(self, status: ReaderStatus) -> None:
        with self.changed:
            self.states.append(status.state)
            self.changed.notify_all()

    def wait_for(self, state: ReaderState, seconds: float = 10.0) -> ReaderStatus:
        with self.changed:
            assert self.changed.wait_for(lambda: self.supervisor.status.state is state, seconds), self.states
        return self.supervisor.status

    def read(self, authenticator: VirtualHsm | None = None) -> SocialCard | CardFault:
        return self.supervisor.use(lambda channel: read_card(channel, authenticator)).result(10)


@pytest.fixture
def watch(pcsc: PcscService) -> Iterator[Watch]:
    watch = Watch()
    watch.supervisor.start()
    watch.wait_for(ReaderState.EMPTY)
    yield watch
    watch.supervisor.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "card-readers"]


@pytest.mark.parametrize("name", ["gen1", "gen2", "gen3", "rare-name"])
def test_every_generation_is_read_and_authenticated(pcsc, watch, name):
    profile = load_profile(name)
    with plugged(name, pcsc.port):
        status = watch.wait_for(ReaderState.READY)
        assert (status.reader, status.atr) == (FIRST, VirtualCard(profile).atr)
        card = watch.read(VirtualHsm())
        assert isinstance(card, SocialCard), card
        assert card.authenticated
        assert (card.name, card.card_id) == (profile.holder.name, profile.holder.card_id)
        assert card.citizen_number == profile.holder.citizen_number
        assert card.birth_date == profile.holder.birth_date
    watch.wait_for(ReaderState.EMPTY)


def test_ef06_of_a_3_0_card_is_locked_and_locks_again_after_use(pcsc, watch):
    with plugged("gen3", pcsc.port):
        watch.wait_for(ReaderState.READY)
        assert watch.read().locked == PROTECTED
        assert watch.read(VirtualHsm()).name == "郑清和"
        assert (
            watch.supervisor.use(lambda channel: channel.transmit(bytes.fromhex("00B2013414"))).result(5)[1] != 0x9000
        )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bad-tlv", CardFaultKind.MALFORMED),
        ("mute-ef06", CardFaultKind.MUTE),
        ("cloned", CardFaultKind.NOT_GENUINE),
    ],
)
def test_bad_cards_end_in_their_fault(pcsc, watch, name, kind):
    with plugged(name, pcsc.port):
        watch.wait_for(ReaderState.READY)
        outcome = watch.read(VirtualHsm())
        assert isinstance(outcome, CardFault), outcome
        assert outcome.kind is kind


def test_a_name_that_does_not_decode(pcsc, watch):
    with plugged("bad-gbk", pcsc.port):
        watch.wait_for(ReaderState.READY)
        card = watch.read()
        assert isinstance(card, SocialCard)
        assert (card.name, card.undecodable) == (None, ("name",))


def test_a_card_that_is_not_ours_in_either_reader(pcsc, watch):
    with plugged("bank-only", pcsc.port):
        assert watch.wait_for(ReaderState.FOREIGN).atr is not None
        assert watch.read().kind is CardFaultKind.FOREIGN
        with plugged("gen2", pcsc.port + 1):
            assert watch.wait_for(ReaderState.READY).reader == "Virtual PCD 00 01"
            assert isinstance(watch.read(), SocialCard)
        watch.wait_for(ReaderState.FOREIGN)
    watch.wait_for(ReaderState.EMPTY)


def test_a_card_pulled_while_it_is_read(pcsc, watch):
    with plugged("gen2", pcsc.port, pull_after=6):
        watch.wait_for(ReaderState.READY)
        assert watch.read().kind is CardFaultKind.PULLED
        watch.wait_for(ReaderState.EMPTY)
    assert watch.read().kind is CardFaultKind.NO_CARD


@pytest.mark.parametrize("pause", [0.0, 0.1, 0.2, 0.3, 1.3])
def test_a_card_that_comes_at_once_is_not_taken_for_the_one_that_left(pcsc, watch, pause):
    """The service looks each 0.4 s and takes the power away after 1.2: cards are changed in between, and read."""
    with plugged("gen2", pcsc.port):
        watch.wait_for(ReaderState.READY)
        time.sleep(pause)
    with plugged("bad-tlv", pcsc.port):
        assert watch.read().kind in (CardFaultKind.NO_CARD, CardFaultKind.PULLED, CardFaultKind.MUTE)
        watch.wait_for(ReaderState.EMPTY)
        assert watch.wait_for(ReaderState.READY).atr == VirtualCard(load_profile("bad-tlv")).atr
        assert watch.read().kind is CardFaultKind.MALFORMED
    assert ReaderState.FOREIGN not in watch.states


def test_a_card_that_another_program_holds(pcsc, watch):
    with plugged("gen2", pcsc.port):
        watch.wait_for(ReaderState.READY)
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from hardware.readers.service import pcsc_context as open;"
                f"card = open().connect({FIRST!r}); print('held', flush=True); input()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=pcsc.environment,
            text=True,
        )
        assert holder.stdout.readline() == "held\n"
        assert watch.read().kind is CardFaultKind.BUSY
        holder.communicate("\n", timeout=10)
        assert isinstance(watch.read(), SocialCard)


def test_the_service_killed_and_started_again_shows_all_five_states(pcsc, watch):
    unseen = Watch("no such reader")
    unseen.supervisor.start()
    try:
        with plugged("gen2", pcsc.port):
            watch.wait_for(ReaderState.READY)
            pcsc.stop()
            watch.wait_for(ReaderState.NO_SERVICE)
            unseen.wait_for(ReaderState.NO_SERVICE)
            assert watch.read().kind is CardFaultKind.NO_SERVICE
            pcsc.start()
            watch.wait_for(ReaderState.READY)
            unseen.wait_for(ReaderState.NO_READER)
            assert isinstance(watch.read(), SocialCard)
        watch.wait_for(ReaderState.EMPTY)
        with plugged("bank-only", pcsc.port):
            watch.wait_for(ReaderState.FOREIGN)
    finally:
        unseen.supervisor.stop()
    assert set(watch.states) | set(unseen.states) == set(ReaderState) - {ReaderState.ON_REQUEST}


def test_the_service_killed_while_a_card_is_read(pcsc, watch):
    with plugged("gen2", pcsc.port, delay=0.05):
        watch.wait_for(ReaderState.READY)
        reading = watch.supervisor.use(lambda channel: read_card(channel, None))
        time.sleep(0.2)
        pcsc.stop()
        try:
            outcome = reading.result(10)
            assert isinstance(outcome, CardFault)
            assert outcome.kind is CardFaultKind.NO_SERVICE
            watch.wait_for(ReaderState.NO_SERVICE)
        finally:
            pcsc.start()
        watch.wait_for(ReaderState.READY)
        assert isinstance(watch.read(), SocialCard)


def test_work_is_not_kept_waiting_by_the_watch(pcsc, watch):
    with plugged("gen2", pcsc.port):
        watch.wait_for(ReaderState.READY)
        times = []
        for _ in range(20):
            time.sleep(0.013)
            begun = time.perf_counter()
            watch.supervisor.use(lambda channel: channel.atr).result(5)
            times.append(time.perf_counter() - begun)
    assert sorted(times)[10] < 0.1


def test_errors_of_the_service_are_told_apart(pcsc):
    context = pcsc_context()
    with pytest.raises(CardGone) as absent:
        context.connect("no such reader")
    with pytest.raises(CardGone) as empty:
        context.connect("Virtual PCD 00 01")
    context.release()
    with pytest.raises(CardGone) as released:
        context.slots()
    kinds = [raised.value.fault.kind for raised in (absent, empty, released)]
    assert kinds == [CardFaultKind.NO_READER, CardFaultKind.NO_CARD, CardFaultKind.NO_SERVICE]


def test_a_machine_without_the_service_says_so(pcsc):
    pcsc.stop()
    try:
        with pytest.raises(CardGone) as raised:
            pcsc_context()
    finally:
        pcsc.start()
    assert raised.value.fault.kind is CardFaultKind.NO_SERVICE


def test_a_reader_without_a_pad_of_its_own_says_so(pcsc):
    with plugged("gen2", pcsc.port):
        watch = Watch()
        watch.supervisor.start()
        try:
            until = time.monotonic() + 10
            while watch.supervisor.status.state is not ReaderState.READY:
                assert time.monotonic() < until
                time.sleep(0.05)
            told = watch.supervisor.use(lambda channel: ReaderPad(channel, PinBlock()).verify()).result(10)
        finally:
            watch.supervisor.stop()
    assert told == PinOutcome(PinEnd.NO_PAD)
