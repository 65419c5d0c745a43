"""Gaps of the GUI loop while the province is away, the printer slow and the card torn; judged, not asserted."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

import app.services.workplace
from app.services.devices import open_printer
from hardware.ports import DocumentPrinter, PrinterStatus, PrintOutcome
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import InProcessService
from hardware.virtual.profiles import load_profile
from tests.bench.loop_gaps import TICK_MS, Gaps, gaps_during
from tests.bench.report import Line, machine_load, markdown, note
from tests.open_face import PATIENCE_MS, face_on, sign_in, submit_loss, wait_for_screen
from tests.programs import Province
from ui.clerk.flow import ClerkFlow

SECONDS = 6.0
SMOKE_SECONDS = 1.0
SLOW_S = 1.0
TORN_S = 0.04
PRESS_MS = 150

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@dataclass(frozen=True)
class SlowPrinter:
    """A printer whose spooler takes a second for each document."""

    printer: DocumentPrinter

    def status(self) -> PrinterStatus:
        return self.printer.status()

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        time.sleep(SLOW_S)
        return self.printer.submit(document, title)

    def job_outcome(self, job_id: str) -> PrintOutcome:
        return self.printer.job_outcome(job_id)

    def find(self, title: str) -> str | PrinterStatus | None:
        return self.printer.find(title)


@pytest.fixture
def flow(tmp_path, province, qapp, qtbot, monkeypatch) -> Iterator[ClerkFlow]:
    monkeypatch.setattr(app.services.workplace, "open_printer", lambda settings: SlowPrinter(open_printer(settings)))
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        yield face.flow


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    served = Province(tmp_path / "province")
    served.start()
    yield served
    served.kill()


@contextmanager
def torn_card(reader: InProcessService) -> Iterator[None]:
    """Tear the card out and put it back again and again, in the middle of whatever is read."""
    done = threading.Event()
    card = VirtualCard(load_profile("gen3"))

    def tear() -> None:
        while not done.wait(TORN_S):
            reader.remove()
            done.wait(TORN_S)
            reader.insert(card)

    hand = threading.Thread(target=tear, name="hand")
    hand.start()
    try:
        yield
    finally:
        done.set()
        hand.join()


@contextmanager
def pressing(flow: ClerkFlow, action: str) -> Iterator[None]:
    """Press a key again and again, as an impatient clerk does."""
    presses = QTimer(interval=PRESS_MS)
    presses.timeout.connect(lambda: flow.act(action))
    presses.start()
    try:
        yield
    finally:
        presses.stop()


def measure(flow: ClerkFlow, province: Province, qtbot, seconds: float) -> Mapping[str, Gaps]:
    """Return the gaps of an idle window, then of each trouble in turn."""
    found: dict[str, Gaps] = {}
    sign_in(flow, qtbot)
    reader = flow.counter.virtual_reader
    assert reader is not None
    found["idle"] = gaps_during(seconds)

    flow.act("read_card")
    wait_for_screen(flow, qtbot, "profile")
    submit_loss(flow, qtbot)
    with pressing(flow, "print"):
        found["printer slow"] = gaps_during(seconds)
    flow.act("finish")
    wait_for_screen(flow, qtbot, "workbench")

    with torn_card(reader), pressing(flow, "read_card"):
        found["card torn"] = gaps_during(seconds)
    qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)

    province.process.kill()
    with pressing(flow, "read_card"):
        found["province away"] = gaps_during(seconds)
    qtbot.waitUntil(lambda: not flow.counter.circuit.online and not flow.busy, timeout=PATIENCE_MS)
    return found


@pytest.mark.bench
@pytest.mark.expects_log
@needs_display
def test_gaps_of_the_gui_loop(flow, province, qtbot, pytestconfig, capsys):
    found = measure(flow, province, qtbot, SECONDS)
    idle = found.pop("idle")
    lines = [Line("GUI loop, idle", idle.figure())]
    for trouble, gaps in found.items():
        ratio = gaps.part(0.99) / idle.part(0.99)
        lines.append(Line(f"GUI loop, {trouble}", gaps.figure(), f"idle p99 {idle.part(0.99):.1f} ms", ratio))
    for line in lines:
        note(pytestconfig, line)
    with capsys.disabled():
        sys.stdout.write(f"\n{machine_load()}\n{markdown(lines)}\n")
    assert all(len(gaps.times) > 0.2 * SECONDS * 1000 / TICK_MS for gaps in (idle, *found.values()))


@pytest.mark.expects_log
@needs_display
def test_each_trouble_is_measured_and_the_loop_goes_on(flow, province, qtbot):
    found = measure(flow, province, qtbot, SMOKE_SECONDS)
    assert list(found) == ["idle", "printer slow", "card torn", "province away"]
    # A loop that waits for the printer ticks once or twice; one that is short of processor time ticks more.
    assert all(len(gaps.times) > 5 for gaps in found.values()), found


def test_gaps_are_read_by_their_share():
    gaps = Gaps(tuple(float(ms) for ms in range(1, 201)))
    assert (gaps.part(0.5), gaps.part(0.99), gaps.part(1.0)) == (101.0, 199.0, 200.0)
    assert gaps.figure() == "p50 101.0, p99 199.0, max 200 ms of 200"
