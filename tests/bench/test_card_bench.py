"""Card to identity with 5 ms an APDU: the least commands, at most 1.1 × the same sent bare, minimum of 20 runs."""

from __future__ import annotations

import sys
import threading

import pytest

from hardware.ports import ReaderState, ReaderStatus
from hardware.readers.service import pcsc_context
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.hsm import VirtualHsm
from tests.bench.card_race import LEAST, race
from tests.bench.report import Line, note
from tests.contract.virtual_card import plugged

READER = "Virtual PCD 00 00"
DELAY = 0.005
RUNS = 20
LIMIT = 1.1


@pytest.mark.bench
@pytest.mark.parametrize("profile", ["gen1", "gen2", "gen3"])
def test_card_to_identity(pcsc, profile, pytestconfig, capsys):
    ready = threading.Event()

    def publish(status: ReaderStatus) -> None:
        if status.state is ReaderState.READY:
            ready.set()

    supervisor = ReaderSupervisor(pcsc_context, publish, READER)
    with plugged(profile, pcsc.port, delay=DELAY):
        supervisor.start()
        context = pcsc_context()
        try:
            assert ready.wait(10)
            result = race(supervisor, context, READER, VirtualHsm(), RUNS)
        finally:
            context.release()
            supervisor.stop()
    assert result.headers == LEAST[profile]
    line = Line(
        f"card to identity, {profile}, {DELAY * 1000:.0f} ms an APDU",
        f"{result.identity * 1000:.1f} ms, {len(result.apdus)} APDUs, least {len(LEAST[profile])}",
        f"the same APDUs bare {result.bare * 1000:.1f} ms",
        result.ratio,
        LIMIT,
    )
    note(pytestconfig, line)
    with capsys.disabled():
        sys.stdout.write(f"\n{result.table(profile)}\n")
    assert line.held
