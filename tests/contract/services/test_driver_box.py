"""A counter whose reader stands behind its maker's library, a real one in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.catalogue import sentences, services, texts
from app.domain.refusal import Refusal
from app.services.chip_reading import ChipReading
from app.services.devices import open_reader
from app.services.doctor import PROBES, Health
from app.services.driver_reading import DriverReading
from app.services.identify import Identification
from app.services.settings import Settings, load
from app.services.views import VisitView
from hardware.ports import ReaderState, ReaderStatus
from hardware.readers.combined_box import CombinedBox, open_combined_box
from hardware.readers.sscard.card_driver import DriverFacts
from hardware.readers.sscard.functions import Interface
from hardware.virtual.driver_answers import NO_CARD, driver_answers
from tests.contract.hardware.sscard.maker import Maker
from tests.unit.services.people import clerk
from tests.unit.services.test_identify import AWAY, NOT_PROVED, Desk, Told, holder, on_file, refusals

WAIT_S = 0.7


@dataclass
class Window:
    """A window with a driver box: what it was told, and who reads its cards."""

    maker: Maker
    told: Told = field(default_factory=lambda: Told(on_file()))
    states: list[ReaderState] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    reading: DriverReading = field(init=False)

    def __post_init__(self) -> None:
        self.reading = DriverReading(self.open, "driver", Interface.CONTACT_FIRST, self.note, self.refused.append)
        self.identification = Identification(self.reading, self.told, self.told, services.load(), texts.load(), "dev")

    def open(self) -> CombinedBox:
        return open_combined_box(self.maker.driver, DriverFacts(wait_s=WAIT_S))

    def note(self, status: ReaderStatus) -> None:
        self.states.append(status.state)

    def put_in(self, profile: str) -> None:
        self.maker.set(settings=driver_answers(profile))

    def visit(self) -> VisitView:
        found = self.identification.by_card(clerk())
        assert isinstance(found, VisitView), found
        return found


@pytest.fixture
def window(maker: Maker) -> Iterator[Window]:
    window = Window(maker)
    window.reading.start()
    yield window
    window.reading.stop()


@pytest.mark.parametrize("card", ["gen1", "gen2", "gen3", "gen3-3des"])
def test_a_card_is_proved_by_the_hsm_and_opens_its_profile(window: Window, card: str) -> None:
    window.put_in(card)
    window.told.found = on_file(card)
    seen = window.visit()
    assert window.told.asked == ["hsm", "check", "profile"]
    assert seen.identity.card_proof.complete
    assert (seen.identity.card_id, seen.identity.name) == (holder(card).card_id, holder(card).name)
    assert seen.problem is None
    assert window.maker.calls()[0] == "iReadCardBas(3)"


def test_a_card_that_a_psam_of_the_box_opens_asks_no_hsm(window: Window) -> None:
    opened = driver_answers("gen3")["iReadCardBas_HSM_Step2"]
    window.maker.set(settings={"iReadCardBas": opened.replace(f"|{'0' * 12}|", "|350100813475|")})
    assert window.visit().identity.card_proof.complete
    assert window.told.asked == ["check", "profile"]
    window.told.online = False
    assert window.visit().identity.card_proof.authenticated


def test_a_card_that_is_read_without_a_psam_is_not_proved_by_that(window: Window) -> None:
    answers = driver_answers("gen2")
    window.maker.set(settings={**answers, "mode": "well", "iReadCardBas": answers["iReadCardBas_HSM_Step2"]})
    window.told.online = False
    offline = window.visit()
    assert (offline.identity.name, offline.identity.card_proof.authenticated) == (holder("gen2").name, False)
    window.told.online = True
    window.told.found = on_file("gen2")
    assert window.visit().identity.card_proof.complete
    assert window.told.asked[0] == "hsm"


@pytest.mark.parametrize("card", ["gen2", "gen3"])
def test_offline_a_box_names_the_card_and_loss_stays_possible(window: Window, card: str) -> None:
    window.put_in(card)
    window.told.online = False
    by_driver = window.visit()
    assert window.told.asked == []
    assert (by_driver.identity.card_id, by_driver.identity.name) == (holder(card).card_id, None)
    assert (by_driver.profile, by_driver.problem) == (None, AWAY)
    assert not by_driver.identity.card_proof.authenticated
    by_chip = Identification(ChipReading(Desk(card)), window.told, window.told, services.load(), texts.load(), "dev")
    seen = by_chip.by_card(clerk())
    assert isinstance(seen, VisitView)
    assert [(row.code, row.refusal) for row in by_driver.services] == [(row.code, row.refusal) for row in seen.services]


def test_an_hsm_that_refuses_leaves_public_queries(window: Window) -> None:
    window.put_in("gen3")
    window.told.hsm = Refusal("PROVINCE-BUSY")
    seen = window.visit()
    assert (seen.problem, refusals(seen)) == (Refusal("CARD-AUTH-AWAY"), NOT_PROVED)


def test_an_hsm_of_another_key_opens_nothing(window: Window) -> None:
    window.maker.set(settings={**driver_answers("gen3"), "key": "00"})
    refusal = window.identification.by_card(clerk())
    assert refusal == Refusal.of("SSCARD-HSM-DIFFERS", number=-25, text="加密机结果不符")


@pytest.mark.parametrize("card", ["gen2", "gen3"])
def test_the_card_is_recognized_again_without_the_hsm(window: Window, card: str) -> None:
    window.put_in(card)
    window.told.online = False
    assert window.identification.card_still_there(holder(card).card_id) is None
    assert window.identification.card_still_there(holder("gen1").card_id) == Refusal("CARD-CHANGED")
    window.maker.set(settings=NO_CARD)
    gone = window.identification.card_still_there(holder(card).card_id)
    assert isinstance(gone, Refusal)
    assert gone.code == "CARD-NONE"


MISBEHAVED = {
    "hang": "READER-HUNG",
    "crash": "READER-DRIVER-DIED",
    "exit": "READER-DRIVER-DIED",
    "unterminated": "READER-DRIVER-DIED",
    "overrun": "READER-DRIVER-DIED",
    "garbage": "CARD-MALFORMED",
    "greedy": "CARD-MALFORMED",
}


STEPS = ("iReadCardBas", "iReadCardBas_HSM_Step1", "iReadCardBas_HSM_Step2")
NO_QUESTION = ("greedy", "iReadCardBas_HSM_Step1")


@pytest.mark.parametrize(
    ("mode", "where"), [(mode, where) for mode in MISBEHAVED for where in STEPS if (mode, where) != NO_QUESTION]
)
def test_a_driver_that_misbehaves_is_told_and_the_next_read_begins_anew(window: Window, mode: str, where: str) -> None:
    window.maker.set(settings={**driver_answers("gen3"), "mode": mode, "only": where})
    refusal = window.identification.by_card(clerk())
    assert isinstance(refusal, Refusal)
    told = sentences.load().of(refusal)
    window.put_in("gen3")
    after = window.visit()
    assert refusal.code == MISBEHAVED[mode]
    assert told.line
    assert told.remedy
    assert after.identity.card_proof.complete
    assert window.states[-1] is ReaderState.ON_REQUEST
    lost = MISBEHAVED[mode].startswith("READER")
    assert (ReaderState.NO_READER in window.states) == lost


def test_a_question_that_is_none_is_not_carried_to_the_hsm(window: Window) -> None:
    mode, where = NO_QUESTION
    window.maker.set(settings={**driver_answers("gen3"), "mode": mode, "only": where})
    assert window.visit().problem == Refusal("CARD-AUTH-AWAY")
    assert window.told.asked == []


@pytest.mark.parametrize("mode", ["slow", "noisy"])
def test_a_driver_that_is_only_slow_or_talkative_reads_its_card(window: Window, mode: str) -> None:
    window.maker.set(settings={**driver_answers("gen3"), "mode": mode, "seconds": "0.2"})
    assert window.visit().identity.card_proof.complete


def test_an_unknown_number_keeps_itself_and_the_drivers_words(window: Window) -> None:
    window.maker.set("code", {"number": "-2213", "text": "厂家自定义"})
    assert window.identification.by_card(clerk()) == Refusal.of("SSCARD-UNKNOWN", number=-2213, text="厂家自定义")


def test_a_box_that_is_not_asked_is_not_touched(window: Window) -> None:
    until = time.monotonic() + 20
    while not window.states:
        assert time.monotonic() < until, "the library was not loaded"
        time.sleep(0.01)
    assert window.states == [ReaderState.ON_REQUEST]
    assert window.maker.calls() == []
    assert window.refused == []


Opened = Callable[[str], tuple[list[ReaderState], list[Refusal]]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Open the reader that a counter.toml names, wait for what it tells, and close it at the end."""
    with ExitStack() as stack:

        def open_named(lines: str) -> tuple[list[ReaderState], list[Refusal]]:
            (tmp_path / "counter.toml").write_text(lines, encoding="utf-8")
            settings = load(tmp_path, training=True, hall_url=None)
            assert isinstance(settings, Settings), settings
            states: list[ReaderState] = []
            refused: list[Refusal] = []
            reader = open_reader(settings, lambda status: states.append(status.state), refused.append)
            reader.owner.start()
            stack.callback(reader.owner.stop)
            until = time.monotonic() + 20
            while not refused:
                assert time.monotonic() < until, states
                time.sleep(0.01)
            return states, refused

        yield open_named


def test_a_library_that_is_not_there_is_told_at_once_and_at_each_read(opened: Opened, tmp_path: Path) -> None:
    states, (refusal,) = opened(f'card_driver = "{tmp_path / "absent.so"}"\n')
    assert states == [ReaderState.NO_READER]
    assert refusal.code == "READER-DRIVER-MISSING"
    assert "absent.so" in sentences.load().of(refusal).line


def test_a_library_of_other_bits_is_told_as_such(opened: Opened, tmp_path: Path) -> None:
    wrong = tmp_path / "driver32.so"
    # The head of a 32-bit ELF library for x86.
    wrong.write_bytes(bytes.fromhex("7F454C4601010100" + "00" * 8 + "0300030001000000") + bytes(64))
    _, (refusal,) = opened(f'card_driver = "{wrong}"\n')
    assert refusal.code == "READER-DRIVER-BITS"
    assert "32" in sentences.load().of(refusal).remedy


def test_a_library_of_32_bits_without_its_host_is_told(opened: Opened, maker: Maker) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows may have the host")
    _, (refusal,) = opened(f'card_driver = "{maker.driver.path}"\ncard_driver_bits = 32\n')
    assert refusal.code == "READER-DRIVER-MISSING"


@pytest.mark.parametrize(
    ("there", "state", "code"), [(True, Health.OK, "DOCTOR-READER-OK"), (False, Health.FAIL, "READER-DRIVER-MISSING")]
)
def test_doctor_loads_the_library(maker: Maker, tmp_path: Path, there: bool, state: Health, code: str) -> None:
    library = maker.driver.path if there else tmp_path / "absent.so"
    (tmp_path / "counter.toml").write_text(f'card_driver = "{library}"\n', encoding="utf-8")
    settings = load(tmp_path, training=False, hall_url=None)
    assert isinstance(settings, Settings)
    found, refusal = dict(PROBES)["reader"](settings)
    assert (found, refusal.code) == (state, code)
    assert maker.calls() == []


def test_a_host_that_somebody_kills_is_started_by_the_next_read(window: Window) -> None:
    window.put_in("gen3")
    assert window.visit().profile is not None
    box = window.reading._box
    pid = box.use(lambda opened: opened._host.pid).result(20)
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    refusal = window.identification.by_card(clerk())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "READER-DRIVER-DIED"
    assert window.visit().profile is not None
