"""社保密码: tries left, verify, change (card.md 2.1). All in the application at hand; each raises CardGone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from hardware.card import apdu
from hardware.card.status_word import StatusWord, tries_left
from hardware.ports import CardChannel, CardFault, CardFaultKind, Pin


class PinDone(Enum):
    """The card took it."""

    DONE = auto()


@dataclass(frozen=True)
class WrongPin:
    """The card did not take it. With none left the 社保密码 is locked until it is reloaded or unblocked."""

    tries_left: int


@dataclass(frozen=True)
class NoPin:
    """The card has no 社保密码."""


CardPinAnswer = PinDone | WrongPin | CardFault


def pin_tries(channel: CardChannel) -> int | NoPin | CardFault:
    """Ask how many tries are left, which costs none; 0 when locked."""
    answer = apdu.exchange(channel, apdu.verify())
    if answer.ok:
        return NoPin()
    left = tries_left(answer.status)
    if left is not None:
        return left
    return 0 if answer.status == StatusWord.METHOD_BLOCKED else _refused(0x20, answer.status)


def verify_pin(channel: CardChannel, pin: Pin) -> CardPinAnswer:
    """Verify; a wrong one costs a try."""
    return _outcome(0x20, apdu.exchange(channel, apdu.verify(pin.bcd)))


def change_pin(channel: CardChannel, old: Pin, new: Pin) -> CardPinAnswer:
    """Change; a wrong old one costs a try, a right one gives all tries back."""
    return _outcome(0x5E, apdu.exchange(channel, apdu.change_pin(old.bcd, new.bcd)))


def _outcome(ins: int, answer: apdu.Response) -> CardPinAnswer:
    if answer.ok:
        return PinDone.DONE
    left = tries_left(answer.status)
    if left is not None:
        return WrongPin(left)
    return WrongPin(0) if answer.status == StatusWord.METHOD_BLOCKED else _refused(ins, answer.status)


def _refused(ins: int, status: int) -> CardFault:
    return CardFault(CardFaultKind.REFUSED, f"{ins:04X} {status:04X}")
