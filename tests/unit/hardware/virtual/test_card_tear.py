"""Power lost in the middle of a write: what is on the card afterwards, and that a try is never forgotten."""

from __future__ import annotations

import dataclasses

import pytest

from hardware.virtual.card_memory import TearMoment, TornWrite
from hardware.virtual.card_os import CardSilent
from hardware.virtual.profiles import load_profile
from tests.unit.hardware.virtual.terminal import Terminal, terminal

OLD = "280F" + b"13500000102".hex() + "00" * 4
NEW = "280F" + b"13500008888".hex() + "31" * 4
HALVES = NEW[:16] + OLD[16:]


def card_that(torn: TornWrite) -> Terminal:
    profile = load_profile("gen2")
    return terminal(dataclasses.replace(profile, chip=dataclasses.replace(profile.chip, torn_write=torn)))


def record_after(card: Terminal) -> str:
    card.card.insert()
    card.select()
    card.select("DF01")
    card.verify(card.pin)
    return card.ask("00B2283011")[:-4]


@pytest.mark.parametrize(
    ("torn", "moment", "left"),
    [
        (TornWrite.OLD, TearMoment.BEFORE, OLD),
        (TornWrite.OLD, TearMoment.INSIDE, OLD),
        (TornWrite.OLD, TearMoment.AFTER, NEW),
        (TornWrite.NEW, TearMoment.BEFORE, OLD),
        (TornWrite.NEW, TearMoment.INSIDE, NEW),
        (TornWrite.NEW, TearMoment.AFTER, NEW),
        (TornWrite.TORN, TearMoment.BEFORE, OLD),
        (TornWrite.TORN, TearMoment.INSIDE, HALVES),
        (TornWrite.TORN, TearMoment.AFTER, NEW),
    ],
)
def test_a_record_after_a_tear(torn, moment, left):
    card = card_that(torn)
    card.select("DF01")
    card.prove("UK4DF01")
    card.card.tear_write(0, moment)
    with pytest.raises(CardSilent):
        card.ask(f"00DC2830 11 {NEW}")
    assert card.card.gone
    with pytest.raises(CardSilent):
        card.ask("00840000")
    assert record_after(card) == left.upper()


@pytest.mark.parametrize("torn", TornWrite)
@pytest.mark.parametrize("moment", TearMoment)
@pytest.mark.parametrize("right", [True, False])
def test_a_try_is_counted_before_it_is_compared(torn, moment, right):
    """Nobody tries a PIN for nothing: with the power gone at its counter the card has told nothing."""
    card = card_that(torn)
    card.card.tear_write(0, moment)
    with pytest.raises(CardSilent):
        card.verify(card.pin if right else "0000")
    card.card.insert()
    card.select()
    assert card.tries == ("63C3" if moment is TearMoment.BEFORE else "63C2")


@pytest.mark.parametrize(("moment", "tries"), [(TearMoment.BEFORE, "63C2"), (TearMoment.AFTER, "63C3")])
def test_the_counter_is_filled_after_the_comparison(moment, tries):
    card = card_that(TornWrite.OLD)
    card.card.tear_write(1, moment)
    with pytest.raises(CardSilent):
        card.verify(card.pin)
    card.card.insert()
    card.select()
    assert card.tries == tries


def test_a_tear_at_the_counter_of_a_key_is_counted_too():
    card = card_that(TornWrite.OLD)
    card.card.tear_write(0, TearMoment.INSIDE)
    with pytest.raises(CardSilent):
        card.prove("UKSSSE")
    card.card.insert()
    card.select()
    assert card.ask("0084000008", "0082000410" + "00" * 16) == "63C4"


@pytest.mark.parametrize("moment", TearMoment)
def test_a_pin_is_the_old_or_the_new_one(moment):
    card = card_that(TornWrite.TORN)
    card.card.tear_write(1, moment)
    with pytest.raises(CardSilent):
        card.ask(f"805E010008{card.pin[:8]}FF654321")
    card.card.insert()
    card.select()
    works = [pin for pin in (card.pin, "654321") if card.verify(pin) == "9000"]
    assert works == ["654321" if moment is TearMoment.AFTER else card.pin]


def test_a_tear_that_has_not_come_is_forgotten_by_the_next_power():
    card = card_that(TornWrite.OLD)
    card.card.tear_write(5, TearMoment.BEFORE)
    card.card.insert()
    card.select()
    for _ in range(4):
        assert card.verify(card.pin) == "9000"
