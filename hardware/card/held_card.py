"""A card that waits for an answer from outside: it is kept powered, and afterwards it is still the same one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from typing import Protocol, TypeVar, runtime_checkable

from hardware.card import apdu
from hardware.card.elements import SSSE_NAME, ElementName
from hardware.card.identity_elements import identity_element
from hardware.card.tlv import Malformed, parse_record
from hardware.ports import CardChannel, CardFault, CardFaultKind

T = TypeVar("T")

_TOUCH_EACH = 2.0
"""Seconds; Windows resets a card whose transaction was idle for five."""


@runtime_checkable
class IdleChannel(Protocol):
    """A channel that can be touched without a command; the card's randoms stay good."""

    def keep_alive(self) -> None:
        """Ask the service for the card's state; raises CardGone."""
        ...


def ask_while_held(channel: CardChannel, ask: Callable[[], T], each: float | None = None) -> T:
    """Ask something slow while the card's transaction is kept from going idle; raises CardGone and what `ask` raises.

    `each` in seconds, two unless told. A channel that is no IdleChannel needs no touch: it is asked on this thread.
    """
    if not isinstance(channel, IdleChannel):
        return ask()
    with ThreadPoolExecutor(1, "card-question") as pool:
        answer: Future[T] = pool.submit(ask)
        while True:
            try:
                return answer.result(_TOUCH_EACH if each is None else each)
            except StillWaiting:
                if answer.done():
                    raise
                channel.keep_alive()


def who_is_there(channel: CardChannel, card_id: str, fault: CardFault) -> CardFault:
    """Say why a card refused in the second step: the fault itself, or that the card was swapped or lost its power.

    `card_id` is the 识别码 of the first step. Costs commands only where something went wrong; raises CardGone.
    """
    seen = _card_id(channel)
    if seen == card_id:
        return fault
    if seen is None:
        selected = apdu.exchange(channel, apdu.select_by_name(SSSE_NAME))
        if selected.ok and _card_id(channel) == card_id:
            return CardFault(CardFaultKind.PULLED, fault.detail)
    return CardFault(CardFaultKind.SWAPPED, fault.detail)


def _card_id(channel: CardChannel) -> str | None:
    """Read the 识别码 without SELECT; None where the application is not selected or the record is none."""
    element = identity_element(ElementName.CARD_ID)
    answer = apdu.exchange(channel, apdu.read_record(element.sfi, 1, element.length + 2))
    record = parse_record(answer.data) if answer.ok else None
    return None if record is None or isinstance(record, Malformed) else record.value.hex().upper()
