"""A pad that hands its digits over, as whoever changes a 社保密码 asks it: once for each entry."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.pin_pad.ports import EntryPad, PinEnd, PinOutcome
from hardware.ports import Pin, PinPadFault, PinPurpose

_FAULTS: Mapping[PinEnd, PinPadFault] = {
    PinEnd.CANCELLED: PinPadFault.CANCELLED,
    PinEnd.TIMED_OUT: PinPadFault.TIMED_OUT,
    PinEnd.BAD_LENGTH: PinPadFault.WRONG_LENGTH,
}


class EntryAsked:
    """A PinPad over an EntryPad; blocks for as long as the holder takes."""

    def __init__(self, pad: EntryPad) -> None:
        self._pad = pad

    def ask(self, purpose: PinPurpose) -> Pin | PinPadFault:  # noqa: ARG002 - such a pad shows no words of ours
        """Let the holder enter; the pad's own buffer is wiped. A pad that is gone is AWAY."""
        entered = self._pad.enter()
        if isinstance(entered, PinOutcome):
            return _FAULTS.get(entered.end, PinPadFault.AWAY)
        with entered as digits:
            if not digits.long_enough:
                return PinPadFault.WRONG_LENGTH
            with digits.ascii() as seen:
                return Pin(str(seen, "ascii"))
