from __future__ import annotations

import dataclasses

import pytest

from hardware.virtual.chip_settings import ChipSettings
from hardware.virtual.profiles import load_profile
from tests.unit.hardware.virtual.terminal import GENERATIONS, terminal

WRONG = "000000"


@pytest.mark.parametrize("name", GENERATIONS)
def test_tries_are_counted_down_and_the_right_pin_fills_them(name):
    card = terminal(name)
    assert card.tries == "63C3"
    assert [card.verify(WRONG), card.tries, card.verify(WRONG), card.tries] == ["63C2", "63C2", "63C1", "63C1"]
    assert [card.verify(card.pin), card.tries] == ["9000", "63C3"]


def test_a_pin_tried_in_vain_is_blocked_even_for_the_right_one():
    card = terminal("gen2")
    assert [card.verify(WRONG) for _ in range(5)] == ["63C2", "63C1", "63C0", "6983", "6983"]
    assert [card.verify(card.pin), card.tries] == ["6983", "63C0"]


def test_the_counter_stays_without_power():
    card = terminal("gen2")
    card.verify(WRONG)
    card.card.reset()
    card.select()
    assert card.tries == "63C2"


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("002000000112", "6700"),
        ("0020000009" + "12" * 9, "6700"),
        ("0020000103123456", "6A86"),
        ("0020000000", "63C3"),
        ("805E010002FF12", "6700"),
        ("805E010012" + "12" * 18, "6700"),
        ("805E000007123456FF654321", "6A86"),
        ("805E010006123456654321", "6A80"),
        ("805E010007246802FF65432A", "6A80"),
        ("005E010007123456FF654321", "6E00"),
        ("8424000004" + "00" * 4, "6982"),
        ("842400010C" + "00" * 12, "6982"),
        ("842400020C" + "00" * 12, "6A86"),
        ("8424000005" + "00" * 5, "6700"),
        ("842400011C" + "00" * 28, "6700"),
    ],
)
def test_shapes_that_are_refused(apdu, answer):
    assert terminal("gen1-ee").ask(apdu) == answer


def test_a_pin_is_changed_by_its_holder():
    card = terminal("gen1-ee")
    assert card.ask(f"805E0100 07 {WRONG} FF 654321") == "63C2"
    assert card.ask(f"805E0100 07 {card.pin} FF 654321") == "9000"
    assert card.tries == "63C3"
    assert card.verify(card.pin) == "63C2"
    assert card.verify("654321") == "9000"


def test_an_odd_count_of_digits_is_filled():
    card = terminal("gen3")
    assert card.pin == "2468033"
    assert card.ask("805E0100 08 2468033F FF 13579F") == "9000"
    assert card.verify("13579") == "9000"


def test_a_blocked_pin_is_not_changed():
    card = terminal("gen1-ee")
    for _ in range(3):
        card.verify(WRONG)
    assert card.ask(f"805E0100 07 {card.pin} FF 654321") == "6983"


def test_a_card_without_a_pin_needs_none():
    profile = dataclasses.replace(load_profile("gen2"), chip=ChipSettings())
    card = terminal(profile)
    assert card.tries == "9000"
    assert card.ask("805E010007123456FF654321") == "6A81"
    card.select("DF01")
    assert card.ask("00B2012C00") == "6C04"


@pytest.mark.parametrize("name", GENERATIONS)
def test_a_blocked_pin_is_unblocked_and_reloaded(name):
    card = terminal(name)
    for _ in range(3):
        card.verify(WRONG)
    assert card.prove("PUK") == "9000"
    assert card.secured("84240000", "STKSSSE") == "9000"
    assert [card.tries, card.verify(card.pin)] == ["63C3", "9000"]
    assert card.secured("84240001", "STKSSSE", "777777", sealed=True) == "9000"
    assert [card.verify(card.pin), card.verify("777777")] == ["63C2", "9000"]


def test_a_reload_without_a_random_of_its_own_or_with_a_wrong_mac():
    card = terminal("gen2")
    card.prove("PUK")
    assert card.ask("8424000004" + "00" * 4) == "6984"
    card.challenge()
    assert card.ask("8424000004" + "00" * 4) == "6988"
    assert card.ask("8424000004" + "00" * 4) == "6984"
    card.challenge(4)
    assert card.ask("8424000004" + "00" * 4) == "6984"


def test_a_new_pin_that_is_none_is_refused():
    card = terminal("gen2")
    card.prove("PUK")
    assert card.secured("84240001", "STKSSSE", "12345A", sealed=True) == "6A80"
    assert card.secured("84240001", "STKSSSE", "0123456789", sealed=False)[-4:] == "6700"
    assert card.verify(card.pin) == "9000"


def test_what_the_puk_granted_ends_with_the_directory():
    card = terminal("gen2")
    card.prove("PUK")
    card.select("DF01")
    card.select()
    assert card.secured("84240000", "STKSSSE") == "6982"
