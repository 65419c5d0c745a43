"""The bench's race, small: over readers in the process."""

from __future__ import annotations

from hardware.card.elements import Generation
from hardware.card.read_card import identity_apdus
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.in_process import READER, InProcessService
from hardware.virtual.profiles import load_profile
from tests.bench.card_race import race


def test_both_sides_send_the_same_commands():
    service = InProcessService()
    service.insert(VirtualCard(load_profile("gen3"), delay=0.001))
    supervisor = ReaderSupervisor(service.context, lambda status: None)
    supervisor.start()
    try:
        result = race(supervisor, service.context(), READER, VirtualHsm(), 3)
    finally:
        supervisor.stop()
    assert len(result.apdus) == 19
    assert set(identity_apdus(Generation.THIRD)) <= set(result.apdus)
    assert result.bare >= 0.019
    assert "00B2012C12" in result.table("gen3")
