from __future__ import annotations

import pytest

from hardware.card.pin import NoPin, PinDone, WrongPin, change_pin, pin_tries, verify_pin
from hardware.ports import CardFault, CardFaultKind, Pin
from tests.unit.hardware.direct_channel import ScriptedChannel

PIN, OTHER = Pin("123456"), Pin("9876543")


def refused(detail: str) -> CardFault:
    return CardFault(CardFaultKind.REFUSED, detail)


@pytest.mark.parametrize(
    ("digits", "bcd"), [("123456", "123456"), ("9876543", "9876543F"), ("1234", "1234"), ("1" * 16, "11" * 8)]
)
def test_digits_are_bcd(digits, bcd):
    assert Pin(digits).bcd.hex().upper() == bcd


@pytest.mark.parametrize("digits", ["", "123", "1" * 17, "12345a", "１２３４５６", "123 56"])
def test_what_is_no_pin_is_never_made(digits):
    with pytest.raises(ValueError, match="digits"):
        Pin(digits)


def test_a_pin_does_not_show_itself():
    assert "123456" not in repr(PIN)
    assert "123456" not in f"{PIN}"


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        ("63C3", 3),
        ("63C1", 1),
        ("63C0", 0),
        ("6983", 0),
        ("9000", NoPin()),
        ("6A88", refused("0020 6A88")),
        ("9303", refused("0020 9303")),
    ],
)
def test_tries_are_asked_without_a_pin(answer, tries):
    channel = ScriptedChannel([answer])
    assert pin_tries(channel) == tries
    assert channel.sent == ["0020000000"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("9000", PinDone.DONE),
        ("63C2", WrongPin(2)),
        ("63C0", WrongPin(0)),
        ("6983", WrongPin(0)),
        ("6700", refused("0020 6700")),
        ("6984", refused("0020 6984")),
    ],
)
def test_verify(answer, outcome):
    channel = ScriptedChannel([answer])
    assert verify_pin(channel, OTHER) == outcome
    assert channel.sent == ["00200000049876543F"]


@pytest.mark.parametrize(
    ("answer", "outcome"), [("9000", PinDone.DONE), ("63C1", WrongPin(1)), ("6581", refused("005E 6581"))]
)
def test_change(answer, outcome):
    channel = ScriptedChannel([answer])
    assert change_pin(channel, PIN, OTHER) == outcome
    assert channel.sent == ["805E010008123456FF9876543F"]
