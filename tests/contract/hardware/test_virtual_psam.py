"""A PSAM in the second slot of a real pcscd: it computes what the card in the first one is asked for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from hardware.card.psam import Psam
from hardware.card.read_card import read_card
from hardware.card.region_rules import PsamRule, RegionRule, RegionRules, load_region_rules
from hardware.card.social_card import SocialCard
from hardware.readers.pcsc import PcscContext
from hardware.readers.service import pcsc_context
from hardware.virtual.private_pcscd import PcscService
from hardware.virtual.psam_profiles import PsamProfile, load_psam, psam_names
from tests.contract.virtual_card import plugged

CARD_SLOT, PSAM_SLOT = "Virtual PCD 00 00", "Virtual PCD 00 01"


def rules_for(profile: PsamProfile) -> RegionRules:
    usual = load_region_rules().default
    return RegionRules(RegionRule(usual.algorithm, usual.factors, PsamRule(profile.keys, (3, 2, 1))), {})


@pytest.fixture
def context(pcsc: PcscService) -> Iterator[PcscContext]:
    """A session whose both slots are empty: a card that left is still shown until the service looks again."""
    context = pcsc_context()
    wait_for(context, present=False)
    yield context
    context.release()


def wait_for(context: PcscContext, *, present: bool) -> None:
    until = time.monotonic() + 10.0
    while {slot.present for slot in context.slots()} != {present}:
        assert time.monotonic() < until, context.slots()
        context.wait(0.2)


@pytest.mark.parametrize("psam", psam_names())
@pytest.mark.parametrize("name", ["gen1", "gen2", "gen3", "gen3-3des"])
def test_a_card_is_authenticated_by_the_psam_beside_it(pcsc, context, name, psam):
    profile = load_psam(psam)
    with plugged(name, pcsc.port), plugged(profile, pcsc.port + 1):
        wait_for(context, present=True)
        authenticate(context, profile)


def authenticate(context: PcscContext, profile: PsamProfile) -> None:
    card, module = context.connect(CARD_SLOT), context.connect(PSAM_SLOT)
    try:
        holder = Psam(module, rules_for(profile))
        assert holder.terminal_number() == profile.terminal_number
        found = read_card(card, holder)
        assert isinstance(found, SocialCard), found
        assert found.authenticated
    finally:
        card.close(reset=True)
        module.close(reset=True)


PLUG = [sys.executable, "-m", "app.verbs.entry", "card", "plug"]


def test_the_verb_plugs_both_and_takes_both_out(pcsc, context):
    command = [*PLUG, "gen3+training-city", "--json", "--port", str(pcsc.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as verb:
        assert json.loads(verb.stdout.readline()) == {"profile": "gen3+training-city", "port": pcsc.port}
        wait_for(context, present=True)
        authenticate(context, load_psam("training-city"))
        verb.send_signal(signal.SIGTERM)
        assert verb.wait(20) == 0
    wait_for(context, present=False)


def test_the_verb_says_which_chip_it_cannot_plug(pcsc, context):
    with plugged(load_psam("training"), pcsc.port + 1):
        asked = {"absent": "0", "training": str(pcsc.port)}
        told = [
            subprocess.run(
                [*PLUG, f"gen3+{psam}", "--port", port], capture_output=True, text=True, timeout=60, check=False
            ).stderr
            for psam, port in asked.items()
        ]
        assert told[0].startswith("CARD-PSAM-UNKNOWN ")
        assert told[1].startswith("CARD-PLUG-OCCUPIED ")
        assert f" {pcsc.port + 1} " in told[1]
    wait_for(context, present=False)
