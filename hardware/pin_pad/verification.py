"""One verification of the 社保密码: the counter is asked first; the last try is used only if the holder agrees."""

from __future__ import annotations

from hardware.pin_pad.ports import EntryPad, PinCard, PinEnd, PinOutcome, VerifyingPad

_GOOD = 0x9000
_BLOCKED = (0x6983, 0x63C0)
_LEFT = 0x63C0


def verify_by_pad(pad: VerifyingPad, card: PinCard, *, last_try_agreed: bool = False) -> PinOutcome:
    """Verify by a pad that speaks to the card itself."""
    return _not_asked(card, last_try_agreed) or pad.verify()


def verify_by_entry(pad: EntryPad, card: PinCard, *, last_try_agreed: bool = False) -> PinOutcome:
    """Verify by a pad that hands its digits over; they are wiped whatever happens."""
    refused = _not_asked(card, last_try_agreed)
    if refused is not None:
        return refused
    entered = pad.enter()
    if isinstance(entered, PinOutcome):
        return entered
    with entered as digits:
        if not digits.long_enough:
            return PinOutcome(PinEnd.BAD_LENGTH)
        with digits.ascii() as seen:
            return outcome_of(card.verify(seen))


def outcome_of(status_word: int) -> PinOutcome:
    """Read a VERIFY's status word: 9000, 63Cx with x tries left, 6983 blocked (card.md 2.1 and T7)."""
    if status_word == _GOOD:
        return PinOutcome(PinEnd.VERIFIED)
    if status_word in _BLOCKED:
        return PinOutcome(PinEnd.BLOCKED, 0, f"{status_word:04X}")
    if status_word & 0xFFF0 == _LEFT:
        return PinOutcome(PinEnd.WRONG, status_word & 0xF, f"{status_word:04X}")
    return PinOutcome(PinEnd.REFUSED, None, f"{status_word:04X}")


def _not_asked(card: PinCard, last_try_agreed: bool) -> PinOutcome | None:
    left = card.tries_left()
    if left == 0:
        return PinOutcome(PinEnd.BLOCKED, 0)
    # A counter that the card does not tell may stand at its last try.
    if left == 1 and not last_try_agreed:
        return PinOutcome(PinEnd.LAST_TRY, 1)
    return None
