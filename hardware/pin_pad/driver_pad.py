"""The pad of a combined box by its SSCardDriver: iVerifyPIN asks for the digits at the box (card.md 4.1, 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.verification import outcome_of
from hardware.readers.box import BoxFault
from hardware.readers.sscard.base_fields import MalformedReading
from hardware.readers.sscard.card_driver import DriverRefusal
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import CHANGE_PIN, VERIFY_PIN, Function

_ENDS = {
    -2: PinEnd.PAD_AWAY,
    -11: PinEnd.PAD_AWAY,
    -12: PinEnd.PAD_AWAY,
    -31: PinEnd.CANCELLED,
    -32: PinEnd.TIMED_OUT,
    -33: PinEnd.BAD_LENGTH,
    -34: PinEnd.DIFFERENT,
    -52: PinEnd.BLOCKED,
}
_WRONG = -51

DriverTold: TypeAlias = str | DriverRefusal | NoFunction | MalformedReading | BoxFault


class DriverPad:
    """A VerifyingPad; `run` calls one function of the driver for the card where the driver looks for it."""

    def __init__(self, run: Callable[[Function], DriverTold]) -> None:
        self._run = run

    def verify(self) -> PinOutcome:
        """Call iVerifyPIN, which waits for the holder; NO_PAD where the driver has none."""
        return _outcome(self._run(VERIFY_PIN))

    def change(self) -> PinOutcome:
        """Call iChangePIN, which asks for the old and twice for the new one; NO_PAD where the driver has none."""
        return _outcome(self._run(CHANGE_PIN))


def _outcome(told: DriverTold) -> PinOutcome:
    match told:
        case str():
            return PinOutcome(PinEnd.VERIFIED)
        case DriverRefusal(_, number, text):
            return _refused(told, number, text)
        case NoFunction(name):
            return PinOutcome(PinEnd.NO_PAD, None, name)
        case MalformedReading(part):
            return PinOutcome(PinEnd.REFUSED, None, part)
        case BoxFault(kind, _):
            return PinOutcome(PinEnd.PAD_AWAY, None, kind)


def _refused(told: DriverRefusal, number: int, text: str) -> PinOutcome:
    if number == _WRONG:
        return PinOutcome(PinEnd.WRONG, _only_number(text), str(number))
    if number in _ENDS:
        return PinOutcome(_ENDS[number], 0 if _ENDS[number] is PinEnd.BLOCKED else None, str(number))
    if told.status_word is not None:
        return outcome_of(told.status_word)
    return PinOutcome(PinEnd.REFUSED, None, str(number))


def _only_number(told: str) -> int | None:
    """Return the one digit of the driver's text, which has the tries left; None where it has more or none."""
    digits = [letter for letter in told if letter.isascii() and letter.isdigit()]
    return int(digits[0]) if len(digits) == 1 else None
