"""The pad of a combined box by its SSCardDriver: iVerifyPIN asks for the digits at the box (card.md 4.1, 4.4)."""

from __future__ import annotations

from typing import Protocol

from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.verification import outcome_of

_ENDS = {
    0: PinEnd.VERIFIED,
    -2: PinEnd.PAD_AWAY,
    -11: PinEnd.PAD_AWAY,
    -12: PinEnd.PAD_AWAY,
    -31: PinEnd.CANCELLED,
    -32: PinEnd.TIMED_OUT,
    -33: PinEnd.BAD_LENGTH,
    -52: PinEnd.BLOCKED,
}
_WRONG = -51
_LEAST_STATUS_WORD = 0x6000


class PinDriver(Protocol):
    """The driver's helper process."""

    def verify_pin(self, slot_type: int) -> tuple[int, str]:
        """Call iVerifyPIN(iType, pOutInfo); return its code and its text, already decoded."""
        ...


class DriverPad:
    """A VerifyingPad; `slot_type` 1 contact, 2 contactless, 3 and 4 automatic."""

    def __init__(self, driver: PinDriver, slot_type: int = 1) -> None:
        self._driver = driver
        self._slot_type = slot_type

    def verify(self) -> PinOutcome:
        """Ask the driver, which waits for the holder; the caller gives it a time limit."""
        code, told = self._driver.verify_pin(self._slot_type)
        if code == _WRONG:
            return PinOutcome(PinEnd.WRONG, _only_number(told), str(code))
        if code in _ENDS:
            return PinOutcome(_ENDS[code], 0 if _ENDS[code] is PinEnd.BLOCKED else None, str(code) if code else "")
        # Status words of the card come as minus their value.
        if -0xFFFF <= code <= -_LEAST_STATUS_WORD:
            return outcome_of(-code)
        return PinOutcome(PinEnd.REFUSED, None, str(code))


def _only_number(told: str) -> int | None:
    """Return the one digit of the driver's text, which has the tries left; None where it has more or none."""
    digits = [letter for letter in told if letter.isascii() and letter.isdigit()]
    return int(digits[0]) if len(digits) == 1 else None
