"""What a pad for the 社保密码 can do. The clerk's keyboard is none: no function here takes digits from a caller."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hardware.pin_pad.pin_digits import PinDigits


class PinEnd(StrEnum):
    """How a verification ended."""

    VERIFIED = "verified"
    WRONG = "wrong"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    BAD_LENGTH = "bad_length"
    DIFFERENT = "different"
    """The new one was not entered twice alike."""
    NO_PAD = "no_pad"
    """The reader has none of its own."""
    PAD_AWAY = "pad_away"
    REFUSED = "refused"
    """The card or the driver answered something else; `detail` has its code."""


@dataclass(frozen=True)
class PinOutcome:
    """The end of a verification; `tries_left` where card or driver told it, `detail` a status word or return code."""

    end: PinEnd
    tries_left: int | None = None
    detail: str = ""


class VerifyingPad(Protocol):
    """A pad whose box sends the digits to the card itself; they never reach this machine."""

    def verify(self) -> PinOutcome:
        """Let the holder enter and the card judge; blocks for as long as the holder takes, up to the pad's time."""
        ...

    def change(self) -> PinOutcome:
        """Let the holder enter the old one and twice the new one, and the card change it; blocks as `verify` does."""
        ...


class EntryPad(Protocol):
    """A pad that gives the digits to this program, which sends them to the card and wipes them."""

    def enter(self) -> PinDigits | PinOutcome:
        """Let the holder enter; blocks. The caller wipes."""
        ...
