from __future__ import annotations

import dataclasses

import pytest

from hardware.card.authentication import CardFacts
from hardware.card.pin import PinDone, WrongPin, pin_tries, verify_pin
from hardware.card.pin_unblock import unblock_pin
from hardware.card.read_card import read_card, recognize
from hardware.card.social_card import SocialCard
from hardware.ports import CardFault, CardFaultKind, Pin
from hardware.virtual.hsm import VirtualHsm
from tests.unit.hardware.direct_channel import channel_to
from tests.unit.hardware.virtual.terminal import GENERATIONS

NEW = Pin("975310")


@pytest.mark.parametrize("name", GENERATIONS)
def test_every_generation_is_authenticated(name):
    card = read_card(channel_to(name), VirtualHsm())
    assert isinstance(card, SocialCard), card
    assert card.authenticated


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_blocked_password_is_reloaded(name):
    channel = channel_to(name)
    facts = recognize(channel)
    for left in (2, 1, 0, 0):
        assert verify_pin(channel, Pin("00000000")) == WrongPin(left)
    assert unblock_pin(channel, VirtualHsm(), facts, NEW) is PinDone.DONE
    assert pin_tries(channel) == 3
    assert verify_pin(channel, NEW) is PinDone.DONE


def test_unblocking_alone_keeps_the_password():
    channel = channel_to("gen3")
    facts = recognize(channel)
    verify_pin(channel, Pin("00000000"))
    assert unblock_pin(channel, VirtualHsm(), facts) is PinDone.DONE
    assert pin_tries(channel) == 3
    assert verify_pin(channel, Pin(channel.card.profile.chip.pin)) is PinDone.DONE


def test_an_algorithm_that_is_not_public_is_not_served():
    channel = channel_to("gen2")
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    outcome = unblock_pin(channel, VirtualHsm(), dataclasses.replace(facts, algorithm="02"), NEW)
    assert outcome == CardFault(CardFaultKind.AUTHENTICATOR_AWAY, "PUK")
