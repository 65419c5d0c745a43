from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

import pytest

from hardware.card.held_card import IdleChannel
from hardware.card.psam import Psam
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel, CardFault, CardFaultKind, CardGone, ReaderState, ReaderStatus
from hardware.readers import service as service_module
from hardware.readers import supervisor as supervisor_module
from hardware.readers.reader_roles import ReaderRole, RolePattern
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import READER, InProcessContext, InProcessService, virtual_context
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_rules import training_region_rules

OTHER = "Virtual PCD 00 01"
SAM = "Virtual PCD SAM 00 02"
AIR = "Virtual PCD Air 00 03"
ROLES = (
    RolePattern("* sam *", ReaderRole.SAM),
    RolePattern("* air *", ReaderRole.CONTACTLESS),
    RolePattern("*hello*", ReaderRole.IGNORED),
)


class Bench:
    """A supervisor over readers in the process, and everything it published."""

    def __init__(self, *readers: str, pattern: str | None = None, roles: Sequence[RolePattern] = ()) -> None:
        self.service = InProcessService(readers or (READER,))
        self.published: list[ReaderStatus] = []
        self.threads: set[threading.Thread] = set()
        self.changed = threading.Condition()
        self.supervisor = ReaderSupervisor(self.service.context, self.note, pattern, roles)

    def note(self, status: ReaderStatus) -> None:
        with self.changed:
            self.published.append(status)
            self.threads.add(threading.current_thread())
            self.changed.notify_all()

    def wait_for(self, state: ReaderState, seconds: float = 5.0) -> ReaderStatus:
        with self.changed:
            assert self.changed.wait_for(lambda: self.supervisor.status.state is state, seconds), self.published
        return self.supervisor.status

    def insert(self, name: str, reader: str = READER) -> VirtualCard:
        card = VirtualCard(load_profile(name))
        self.service.insert(card, reader)
        return card

    def read(self) -> SocialCard | CardFault:
        return self.supervisor.use(lambda channel: read_card(channel, None)).result(5)

    @property
    def states(self) -> list[ReaderState]:
        return [status.state for status in self.published]


@pytest.fixture
def make() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def build(*readers: str, pattern: str | None = None, roles: Sequence[RolePattern] = ()) -> Bench:
        bench = Bench(*readers, pattern=pattern, roles=roles)
        made.append(bench)
        bench.supervisor.start()
        return bench

    yield build
    for bench in made:
        bench.supervisor.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "card-readers"]


def fault(outcome: object) -> CardFaultKind:
    assert isinstance(outcome, CardFault), outcome
    return outcome.kind


def test_the_five_states(make):
    bench = make()
    bench.wait_for(ReaderState.EMPTY)
    bench.insert("bank-only")
    assert bench.wait_for(ReaderState.FOREIGN).atr is not None
    bench.insert("gen2")
    status = bench.wait_for(ReaderState.READY)
    assert status.atr == VirtualCard(load_profile("gen2")).atr
    assert status.reader == READER
    bench.service.unplug_reader(READER)
    bench.wait_for(ReaderState.NO_READER)
    bench.service.stop()
    bench.wait_for(ReaderState.NO_SERVICE)
    bench.service.start()
    bench.service.plug_reader(READER)
    bench.wait_for(ReaderState.EMPTY)
    assert len(bench.threads) == 1


def test_work_is_refused_with_the_reason(make):
    bench = make()
    bench.wait_for(ReaderState.EMPTY)
    assert fault(bench.read()) is CardFaultKind.NO_CARD
    bench.insert("bank-only")
    assert fault(bench.read()) is CardFaultKind.FOREIGN
    bench.service.unplug_reader(READER)
    assert fault(bench.read()) is CardFaultKind.NO_READER
    bench.service.stop()
    bench.wait_for(ReaderState.NO_SERVICE)
    assert fault(bench.read()) is CardFaultKind.NO_SERVICE


def test_a_card_is_read_as_soon_as_it_is_in(make):
    bench = make()
    bench.insert("gen2")
    card = bench.read()
    assert isinstance(card, SocialCard)
    assert card.name == "陈月娥"


def test_a_card_pulled_while_it_is_read(make):
    bench = make()
    card = bench.insert("gen2")
    bench.wait_for(ReaderState.READY)
    card.pull_after(5)
    assert fault(bench.read()) is CardFaultKind.PULLED
    bench.wait_for(ReaderState.EMPTY)


def test_a_card_that_falls_silent_stays_in(make):
    bench = make()
    bench.insert("mute-ef06")
    assert fault(bench.read()) is CardFaultKind.MUTE
    assert bench.supervisor.status.state is ReaderState.READY


def test_the_service_stopping_while_a_card_is_read(make):
    bench = make()
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)

    def work(channel: CardChannel) -> object:
        bench.service.stop()
        return read_card(channel, None)

    assert fault(bench.supervisor.use(work).result(5)) is CardFaultKind.NO_SERVICE
    bench.wait_for(ReaderState.NO_SERVICE)
    bench.service.start()
    bench.wait_for(ReaderState.READY)


def test_a_card_of_ours_goes_before_another_and_a_pattern_before_both(make):
    bench = make(READER, OTHER)
    bench.insert("bank-only", READER)
    bench.wait_for(ReaderState.FOREIGN)
    bench.insert("gen2", OTHER)
    assert bench.wait_for(ReaderState.READY).reader == OTHER
    narrow = make(READER, OTHER, pattern="00 01")
    narrow.insert("gen2", READER)
    assert narrow.wait_for(ReaderState.EMPTY).reader == OTHER
    assert make(READER, pattern="absent").wait_for(ReaderState.NO_READER)


def test_a_card_in_a_slot_goes_before_one_in_the_air(make):
    bench = make(AIR, READER, roles=ROLES)
    bench.insert("gen2", AIR)
    assert bench.wait_for(ReaderState.READY).contactless
    bench.insert("gen1", READER)
    card = bench.read()
    assert isinstance(card, SocialCard)
    assert card.version == "1.00"
    assert (bench.supervisor.status.reader, bench.supervisor.status.contactless) == (READER, False)
    bench.service.remove(READER)
    assert bench.read() != card
    assert bench.supervisor.status.contactless


def test_what_stands_in_a_sam_slot_or_an_ignored_reader_is_no_card(make):
    bench = make(SAM, "Windows Hello 0", roles=ROLES)
    bench.wait_for(ReaderState.NO_READER)
    bench.insert("gen2", "Windows Hello 0")
    bench.service.insert(VirtualPsam(load_psam("training")), SAM)
    bench.service.plug_reader(READER)
    assert bench.wait_for(ReaderState.EMPTY).reader == READER


def test_the_psam_of_the_box_authenticates_the_card(make):
    bench = make(READER, SAM, roles=ROLES)
    bench.service.insert(VirtualPsam(load_psam("training-city")), SAM)
    bench.insert("gen3")
    bench.wait_for(ReaderState.READY)
    card = bench.supervisor.use_with_sam(
        lambda channel, sam: read_card(channel, Psam(sam, training_region_rules()))
    ).result(5)
    assert isinstance(card, SocialCard)
    assert card.authenticated
    assert card.name


def test_without_a_psam_that_answers_the_work_is_told_so(make, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_BUSY_PATIENCE", 0.1)
    bench = make(READER, SAM, roles=ROLES)
    bench.insert("gen3")
    bench.wait_for(ReaderState.READY)
    assert bench.supervisor.use_with_sam(lambda channel, sam: sam is None).result(5) is True
    bench.service.insert(VirtualPsam(load_psam("training")), SAM)
    other = bench.service.context().connect(SAM)
    assert bench.supervisor.use_with_sam(lambda channel, sam: sam is None).result(5) is True
    other.close(reset=False)
    assert bench.supervisor.use_with_sam(lambda channel, sam: sam is None).result(5) is False
    assert bench.supervisor.use_with_sam(lambda channel, sam: bench.service.stop() or channel.transmit(b"")).result(
        5
    ) == (CardFault(CardFaultKind.NO_SERVICE))


def test_a_card_in_hand_is_kept_alive_until_it_leaves(make):
    bench = make()
    bench.insert("gen2")

    def work(channel: CardChannel) -> None:
        assert isinstance(channel, IdleChannel)
        channel.keep_alive()
        bench.service.remove()
        channel.keep_alive()

    assert fault(bench.supervisor.use(work).result(5)) is CardFaultKind.PULLED


def test_the_same_card_out_and_in_between_two_looks_is_told(make):
    bench = make()
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)

    def swap(channel: CardChannel) -> bytes:
        bench.service.remove()
        bench.insert("gen2")
        return channel.atr

    assert bench.supervisor.use(swap).result(5)
    assert isinstance(bench.read(), SocialCard)
    assert bench.states[-3:] == [ReaderState.READY, ReaderState.EMPTY, ReaderState.READY]


def test_what_was_granted_is_dropped_after_use(make):
    bench = make()
    card = bench.insert("gen3")
    bench.wait_for(ReaderState.READY)
    select = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
    bench.supervisor.use(lambda channel: channel.transmit(select)).result(5)
    assert bench.supervisor.use(lambda channel: channel.transmit(bytes.fromhex("00B2032C06"))).result(5)[1] == 0x6986
    assert not card.gone


def test_the_channel_belongs_to_the_owner(make):
    bench = make()
    bench.insert("gen2")
    channel = bench.supervisor.use(lambda channel: channel).result(5)
    with pytest.raises(AssertionError, match="owner"):
        channel.transmit(b"\x00\xa4\x00\x00")


def test_a_defect_comes_out_of_the_future(make):
    bench = make()
    bench.insert("gen2")
    with pytest.raises(ZeroDivisionError):
        bench.supervisor.use(lambda channel: 1 // 0).result(5)
    assert isinstance(bench.read(), SocialCard)


def test_card_gone_out_of_work_is_its_fault(make):
    bench = make()
    bench.insert("gen2")

    def work(channel: CardChannel) -> None:
        raise CardGone(CardFaultKind.BUSY, "x")

    assert bench.supervisor.use(work).result(5) == CardFault(CardFaultKind.BUSY, "x")


def test_a_cancelled_future_is_not_worked_on(make):
    bench = make()
    bench.insert("gen2")
    gate = threading.Event()
    first = bench.supervisor.use(lambda channel: gate.wait(5))
    second: Future[object] = bench.supervisor.use(lambda channel: pytest.fail("worked on"))
    assert second.cancel()
    gate.set()
    assert first.result(5)
    assert isinstance(bench.read(), SocialCard)


def test_a_card_that_another_program_holds_is_busy(make, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_BUSY_PATIENCE", 0.1)
    bench = make()
    bench.wait_for(ReaderState.EMPTY)
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)
    foreign = bench.service.context().connect(READER)
    monkeypatch.setattr(InProcessContext, "holders", lambda _context: ("ebank", "tax"))
    assert bench.read() == CardFault(CardFaultKind.BUSY, "ebank, tax")
    foreign.close(reset=False)
    assert isinstance(bench.read(), SocialCard)


def test_a_card_held_from_the_start_is_shown_as_ready_and_told_as_busy(make, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_BUSY_PATIENCE", 0.1)
    bench = Bench()
    bench.insert("gen2")
    foreign = bench.service.context().connect(READER)
    bench.supervisor.start()
    try:
        bench.wait_for(ReaderState.READY)
        assert fault(bench.read()) is CardFaultKind.BUSY
        foreign.close(reset=False)
        assert isinstance(bench.read(), SocialCard)
    finally:
        bench.supervisor.stop()


def test_a_card_that_is_dumb_from_the_start_is_foreign(make):
    bench = make()
    card = VirtualCard(load_profile("gen2"))
    monkey = card.transmit
    card.transmit = lambda apdu: b"\x61\x01"  # type: ignore[method-assign] # never comes to an end
    bench.service.insert(card)
    bench.wait_for(ReaderState.FOREIGN)
    card.transmit = monkey  # type: ignore[method-assign] # as it was


def test_a_card_torn_while_it_is_judged_is_no_card(make):
    bench = make()
    bench.wait_for(ReaderState.EMPTY)
    card = VirtualCard(load_profile("gen2"))
    card.insert = lambda: None  # type: ignore[method-assign] # keeps the tear through the insertion
    card.pull_after(0)
    bench.service.insert(card)
    time.sleep(0.3)
    assert set(bench.states) == {ReaderState.EMPTY}


def test_work_does_not_wait_for_the_next_look(make):
    bench = make()
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)
    times = []
    for _ in range(20):
        time.sleep(0.01)
        begun = time.perf_counter()
        bench.supervisor.use(lambda channel: channel.atr).result(5)
        times.append(time.perf_counter() - begun)
    assert sorted(times)[10] < 0.1


def test_after_the_stop_everything_is_answered():
    bench = Bench()
    waiting = bench.supervisor.use(lambda channel: channel.atr)
    bench.service.stop()
    bench.supervisor.start()
    bench.supervisor.stop()
    assert fault(waiting.result(1)) is CardFaultKind.NO_SERVICE
    assert fault(bench.supervisor.use(lambda channel: channel.atr).result(1)) is CardFaultKind.NO_SERVICE


def test_the_stop_answers_what_still_waits(make):
    bench = make()
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)
    inside, gate = threading.Event(), threading.Event()

    def work(channel: CardChannel) -> bytes:
        inside.set()
        gate.wait(5)
        return channel.atr

    first = bench.supervisor.use(work)
    inside.wait(5)
    second = bench.supervisor.use(lambda channel: channel.atr)
    stopper = threading.Thread(target=bench.supervisor.stop)
    stopper.start()
    time.sleep(0.1)
    gate.set()
    stopper.join()
    assert isinstance(first.result(1), bytes)
    assert fault(second.result(1)) is CardFaultKind.NO_SERVICE


def test_a_virtual_context_holds_its_card():
    published: list[ReaderStatus] = []
    supervisor = ReaderSupervisor(virtual_context(load_profile("gen1")), published.append)
    supervisor.start()
    try:
        card = supervisor.use(lambda channel: read_card(channel, None)).result(5)
        assert isinstance(card, SocialCard)
        assert card.version == "1.00"
    finally:
        supervisor.stop()
    empty = ReaderSupervisor(virtual_context(None), published.append)
    empty.start()
    try:
        assert fault(empty.use(lambda channel: channel.atr).result(5)) is CardFaultKind.NO_CARD
    finally:
        empty.stop()


def test_a_machine_without_the_library_has_no_service(monkeypatch):
    monkeypatch.setitem(sys.modules, "hardware.readers.pcsc", None)
    with pytest.raises(CardGone) as raised:
        service_module.pcsc_context()
    assert raised.value.fault.kind is CardFaultKind.NO_SERVICE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the library is part of the system")
def test_a_machine_without_the_systems_library_has_no_service_and_pyscard_does_not_say_so(monkeypatch):
    monkeypatch.setattr(service_module, "_LIBRARY", "libabsent.so.1")
    monkeypatch.delitem(sys.modules, "hardware.readers.pcsc", raising=False)
    with pytest.raises(CardGone) as raised:
        service_module.pcsc_context()
    assert raised.value.fault == CardFault(CardFaultKind.NO_SERVICE, "no PC/SC library")
    assert "hardware.readers.pcsc" not in sys.modules


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_random_events_end_ready(make, seed, monkeypatch):
    monkeypatch.setattr(supervisor_module, "_SERVICE_AGAIN", 0.005)
    chance = random.Random(seed)
    bench = make(READER, OTHER)
    seen: set[str] = set()
    for _ in range(200):
        event = chance.choice(["insert", "foreign", "remove", "tear", "read", "read", "reader", "service"])
        reader = chance.choice([READER, OTHER])
        if event in ("insert", "tear", "foreign"):
            bench.service.plug_reader(reader)
            card = bench.insert("bank-only" if event == "foreign" else chance.choice(["gen1", "gen2", "gen3"]), reader)
            if event == "tear":
                card.pull_after(chance.randrange(14))
        elif event == "remove":
            bench.service.plug_reader(reader)
            bench.service.remove(reader)
        elif event == "reader":
            chance.choice([bench.service.plug_reader, bench.service.unplug_reader])(reader)
        elif event == "service":
            bench.service.stop()
            time.sleep(0.002)
            bench.service.start()
        else:
            outcome = bench.read()
            seen.add("card" if isinstance(outcome, SocialCard) else fault(outcome).value)
        if chance.random() < 0.3:
            time.sleep(0.002)
    assert "card" in seen
    assert len(seen) > 2
    for reader in (READER, OTHER):
        bench.service.plug_reader(reader)
        bench.service.remove(reader)
    bench.insert("gen2")
    bench.wait_for(ReaderState.READY)
    assert isinstance(bench.read(), SocialCard)
    assert len(set(bench.states)) >= 3
