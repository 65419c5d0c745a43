"""The bench's race, small: over readers in the process."""

from __future__ import annotations

import pytest

from hardware.card.elements import Generation
from hardware.card.read_card import identity_apdus
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.in_process import READER, InProcessService
from hardware.virtual.profiles import load_profile
from tests.bench.card_race import LEAST, race


@pytest.mark.parametrize("name", LEAST)
def test_both_sides_send_the_same_commands_and_no_more_than_are_needed(name):
    service = InProcessService()
    service.insert(VirtualCard(load_profile(name), delay=0.001))
    supervisor = ReaderSupervisor(service.context, lambda status: None)
    supervisor.start()
    try:
        result = race(supervisor, service.context(), READER, VirtualHsm(), 3)
    finally:
        supervisor.stop()
    assert result.headers == LEAST[name]
    assert set(identity_apdus(Generation(int(name[-1])))) <= set(result.apdus)
    assert result.bare >= 0.001 * len(LEAST[name])
    assert "00B2012C12" in result.table(name)
