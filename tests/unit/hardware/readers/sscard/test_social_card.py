from __future__ import annotations

from dataclasses import replace

from hardware.card.elements import PROTECTED
from hardware.readers.sscard.base_fields import parse_base
from hardware.readers.sscard.social_card import social_card
from tests.unit.hardware.readers.sscard.samples import CARD_ID, HISTORY, NATIONAL, UNAUTHENTICATED


def test_a_reading_is_a_card_that_the_driver_authenticated():
    reading = parse_base(NATIONAL)
    card = social_card(replace(reading, authenticated=True))
    assert (card.card_id, card.history, card.name, card.version) == (CARD_ID, HISTORY, "张三", "1.00")
    assert (card.authenticated, card.locked) == (True, ())
    assert not social_card(reading).authenticated


def test_a_reading_that_needs_the_hsm_is_a_locked_card():
    card = social_card(parse_base(UNAUTHENTICATED))
    assert (card.authenticated, card.name, card.citizen_number) == (False, None, None)
    assert set(card.locked) == {"card_number", *PROTECTED}
