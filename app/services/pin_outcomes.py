"""Refusals for how the entry of a 社保密码 ended."""

from __future__ import annotations

from app.domain.refusal import Refusal
from hardware.pin_pad.ports import PinEnd, PinOutcome

_CODES = {
    PinEnd.WRONG: "PASSWORD-WRONG",
    PinEnd.BLOCKED: "PASSWORD-BLOCKED",
    PinEnd.CANCELLED: "PASSWORD-CANCELLED",
    PinEnd.TIMED_OUT: "PASSWORD-TIMED-OUT",
    PinEnd.BAD_LENGTH: "PASSWORD-BAD-LENGTH",
    PinEnd.DIFFERENT: "PASSWORD-DIFFER",
    PinEnd.NO_PAD: "PASSWORD-KEYBOARD",
    PinEnd.PAD_AWAY: "PASSWORD-PAD-AWAY",
    PinEnd.REFUSED: "PASSWORD-REFUSED",
}


def refusal_of_pin(outcome: PinOutcome) -> Refusal | None:
    """Name why the 社保密码 was not verified, or return None where it was."""
    if outcome.end is PinEnd.VERIFIED:
        return None
    if outcome.end is PinEnd.WRONG and outcome.tries_left is None:
        return Refusal("PASSWORD-WRONG-UNCOUNTED")
    return Refusal.of(_CODES[outcome.end], left=outcome.tries_left, detail=outcome.detail)
