"""What a VERIFY or CHANGE PIN came to."""

from __future__ import annotations

from hardware.pin_pad.ports import PinEnd, PinOutcome

_GOOD = 0x9000
_BLOCKED = (0x6983, 0x63C0)
_LEFT = 0x63C0


def outcome_of(status_word: int) -> PinOutcome:
    """Read a status word: 9000, 63Cx with x tries left, 6983 blocked (card.md 2.1 and T7)."""
    if status_word == _GOOD:
        return PinOutcome(PinEnd.VERIFIED)
    if status_word in _BLOCKED:
        return PinOutcome(PinEnd.BLOCKED, 0, f"{status_word:04X}")
    if status_word & 0xFFF0 == _LEFT:
        return PinOutcome(PinEnd.WRONG, status_word & 0xF, f"{status_word:04X}")
    return PinOutcome(PinEnd.REFUSED, None, f"{status_word:04X}")
