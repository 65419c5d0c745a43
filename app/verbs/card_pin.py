"""`yikatong card pin verify|change`: the 社保密码 of the card in the reader, entered by the holder.

A pad that is named comes first, then the reader's own. The clerk's keyboard is refused. Only for a card of the training
province, proved by its key, may it stand in for a pad: asked for unseen, or lines of stdin; never an argument.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.services import settings
from app.services.password_pad import open_pad, pad_at
from app.services.pin_outcomes import refusal_of_pin
from app.verbs.card_in_reader import CardInReader, add_reader_option, card_in_reader, print_fault
from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.named_driver import NamedDriver, named_driver
from app.verbs.printing import print_json, print_refusal
from hardware.card.pin import CardPinAnswer, NoPin, WrongPin, change_pin, pin_tries, verify_pin
from hardware.card.read_card import recognize
from hardware.pin_pad.driver_pad import DriverPad
from hardware.pin_pad.entry_asked import EntryAsked
from hardware.pin_pad.ports import PinEnd, PinOutcome, VerifyingPad
from hardware.pin_pad.reader_pad import (
    MODIFY_PIN_DIRECT,
    VERIFY_PIN_DIRECT,
    PinBlock,
    PinReader,
    ReaderPad,
    read_features,
)
from hardware.ports import CardChannel, CardFault, CardFaultKind, Pin, PinPad, PinPadFault, PinPurpose
from hardware.readers.sscard.functions import Parameter, Values

_LAST = 1
_USUAL_PAD = "plain"
_PAD_FAULTS: Mapping[PinPadFault, str] = {
    PinPadFault.NO_PAD: "PASSWORD-KEYBOARD",
    PinPadFault.AWAY: "PASSWORD-PAD-AWAY",
    PinPadFault.CANCELLED: "PASSWORD-CANCELLED",
    PinPadFault.TIMED_OUT: "PASSWORD-TIMED-OUT",
    PinPadFault.WRONG_LENGTH: "PASSWORD-BAD-LENGTH",
}


Work = Callable[[CardChannel], CardPinAnswer]


@dataclass(frozen=True)
class _Doing:
    """What is done: by digits that a pad gives, or by a box that sends them itself."""

    name: str
    ask: Callable[[PinPad], Work | Refusal]
    by_box: Callable[[VerifyingPad], PinOutcome]
    feature: int


def add_parser(actions: Subparsers) -> None:
    """Add the action and its two."""
    pin = actions.add_parser("pin", help="verify or change the password of the card in the reader, on a pad")
    doings = cast(Subparsers, pin.add_subparsers(dest="doing", required=True, metavar="DOING"))
    for name, told, change in (("verify", "verify it", False), ("change", "change it", True)):
        doing = doings.add_parser(name, help=told)
        add_reader_option(doing)
        doing.add_argument(
            "--pad", metavar="PORT", help="the serial port of the holder's pad, such as COM3; else that of counter.toml"
        )
        doing.add_argument(
            "--driver", metavar="NAME|FILE", help="the pad of a box, by its table's name or its maker's library"
        )
        doing.add_argument("--pad-kind", metavar="NAME", default=_USUAL_PAD, help="how the pad speaks, by its table")
        doing.add_argument("--last", action="store_true", help="use even the last try")
        add_data_option(doing)
        doing.set_defaults(run=run_change if change else run_verify)


@dataclass(frozen=True)
class _Standing:
    """The card before it is asked: whose it is, and how many tries are left."""

    card_id: str
    tries_left: int
    training: bool
    own_pad: frozenset[int]
    """What the reader does by a pad of its own, as PC/SC numbers its features."""


@dataclass(frozen=True)
class _Done:
    """How it ended; `tries_left` None where the card took it."""

    tries_left: int | None


class NoPad:
    """No pad is connected, and the clerk's keyboard is none."""

    def ask(self, purpose: PinPurpose) -> Pin | PinPadFault:  # noqa: ARG002 - no pad asks nothing
        """Refuse."""
        return PinPadFault.NO_PAD


class TrainingPad:
    """This keyboard in place of a pad, for a card of the training province only."""

    def ask(self, purpose: PinPurpose) -> Pin | PinPadFault:
        """Ask at a terminal unseen, else take a line of stdin."""
        try:
            if sys.stdin.isatty():
                digits = getpass.getpass(texts.load()(f"verbs.card.password.{purpose.value}"))
            else:
                digits = sys.stdin.readline().rstrip("\n")
        except EOFError:
            return PinPadFault.CANCELLED
        if not digits:
            return PinPadFault.CANCELLED
        try:
            return Pin(digits)
        except ValueError:
            return PinPadFault.WRONG_LENGTH


def run_verify(namespace: argparse.Namespace) -> int:
    """Verify; 2 when it was not done."""

    def ask(pad: PinPad) -> Work | Refusal:
        current = pad.ask(PinPurpose.CURRENT)
        if isinstance(current, PinPadFault):
            return Refusal(_PAD_FAULTS[current])
        return lambda channel: verify_pin(channel, current)

    return _run(namespace, _Doing("verified", ask, lambda pad: pad.verify(), VERIFY_PIN_DIRECT))


def run_change(namespace: argparse.Namespace) -> int:
    """Change; 2 when it was not done."""

    def ask(pad: PinPad) -> Work | Refusal:
        pins: list[Pin] = []
        for purpose in (PinPurpose.CURRENT, PinPurpose.NEW, PinPurpose.AGAIN):
            given = pad.ask(purpose)
            if isinstance(given, PinPadFault):
                return Refusal(_PAD_FAULTS[given])
            pins.append(given)
        old, new, again = pins
        if new != again:
            return Refusal("PASSWORD-DIFFER")
        return lambda channel: change_pin(channel, old, new)

    return _run(namespace, _Doing("changed", ask, lambda pad: pad.change(), MODIFY_PIN_DIRECT))


def _run(namespace: argparse.Namespace, doing: _Doing) -> int:
    if namespace.driver is not None:
        return _by_driver(namespace, doing)
    pad = _pad(namespace)
    if isinstance(pad, Refusal):
        print_refusal(pad)
        return 2
    with card_in_reader(namespace.reader) as card:
        outcome = _carried_out(card, pad, doing, last=namespace.last)
        reader = card.reader
    return _end(namespace, doing, reader, outcome)


def _by_driver(namespace: argparse.Namespace, doing: _Doing) -> int:
    """Have a maker's library ask at its box; how many tries are left it tells only afterwards."""
    with named_driver(namespace.driver) as driver:
        if not isinstance(driver, NamedDriver):
            print_refusal(driver or Refusal.of("READER-DRIVER-PLACE", name=namespace.driver))
            return 2
        given: Values = {Parameter.INTERFACE: driver.interface}
        print(texts.load()("verbs.card.password.at_reader"), file=sys.stderr)
        pad = DriverPad(lambda function: driver.box.use(lambda opened: opened.card.run(function, given)).result())
        outcome = _told(doing.by_box(pad))
    return _end(namespace, doing, namespace.driver, outcome)


def _end(namespace: argparse.Namespace, doing: _Doing, reader: str | None, outcome: _Done | Refusal | CardFault) -> int:
    if isinstance(outcome, CardFault):
        print_fault(outcome, namespace.reader)
        return 2
    if isinstance(outcome, Refusal):
        print_refusal(outcome)
        return 2
    left = outcome.tries_left
    if namespace.json:
        print_json({"reader": reader, "result": doing.name if left is None else "wrong", "tries_left": left})
    if left is not None:
        refusal = Refusal.of("PASSWORD-WRONG", left=left) if left else Refusal("PASSWORD-BLOCKED")
        print_refusal(refusal)
        return 2
    if not namespace.json:
        print(texts.load()(f"verbs.card.password.{doing.name}"))
    return 0


def _pad(namespace: argparse.Namespace) -> PinPad | Refusal | None:
    """Return the pad of the command line, else the machine's own."""
    if namespace.pad is not None:
        named = pad_at(namespace.pad, namespace.pad_kind)
        return named if isinstance(named, Refusal) else EntryAsked(named)
    found = settings.load(folder_of(namespace), bool(namespace.training), None)
    if isinstance(found, Refusal):
        return found
    own = open_pad(found)
    return None if own is None else EntryAsked(own)


def _carried_out(card: CardInReader, pad: PinPad | None, doing: _Doing, *, last: bool) -> _Done | Refusal | CardFault:
    """Look at the card, ask the holder while it is free, and come back to the same card."""
    standing: _Standing | Refusal | CardFault = card.use(_look)
    if isinstance(standing, CardFault | Refusal):
        return standing
    if standing.tries_left == 0:
        return Refusal("PASSWORD-BLOCKED")
    if standing.tries_left == _LAST and not last:
        return Refusal("PASSWORD-LAST-KEPT")
    if pad is None and doing.feature in standing.own_pad:
        print(texts.load()("verbs.card.password.at_reader"), file=sys.stderr)
        return card.use(lambda channel: _by_reader(channel, standing.card_id, doing))
    work = doing.ask(pad or (TrainingPad() if standing.training else NoPad()))
    if isinstance(work, Refusal):
        return work
    return card.use(lambda channel: _work(channel, standing.card_id, work))


def _look(channel: CardChannel) -> _Standing | Refusal | CardFault:
    from hardware.virtual.training_card import training_card

    facts = recognize(channel)
    if isinstance(facts, CardFault):
        return facts
    tries = pin_tries(channel)
    if isinstance(tries, CardFault):
        return tries
    if isinstance(tries, NoPin):
        return Refusal("PASSWORD-NONE")
    own_pad = frozenset(read_features(channel.features())) if isinstance(channel, PinReader) else frozenset[int]()
    return _Standing(facts.card_id, tries, training_card(channel, facts) is not None, own_pad)


def _by_reader(channel: CardChannel, card_id: str, doing: _Doing) -> _Done | Refusal | CardFault:
    other = _another(channel, card_id)
    if other is not None:
        return other
    assert isinstance(channel, PinReader), "it told its features a moment ago"
    return _told(doing.by_box(ReaderPad(channel, PinBlock())))


def _told(outcome: PinOutcome) -> _Done | Refusal:
    if outcome.end is PinEnd.WRONG and outcome.tries_left is not None:
        return _Done(outcome.tries_left)
    return refusal_of_pin(outcome) or _Done(None)


def _another(channel: CardChannel, card_id: str) -> CardFault | None:
    """Tell that the card that was looked at is not the one that is there now."""
    facts = recognize(channel)
    if isinstance(facts, CardFault):
        return facts
    return None if facts.card_id == card_id else CardFault(CardFaultKind.SWAPPED)


def _work(channel: CardChannel, card_id: str, work: Work) -> _Done | CardFault:
    other = _another(channel, card_id)
    if other is not None:
        return other
    outcome = work(channel)
    if isinstance(outcome, CardFault):
        return outcome
    return _Done(outcome.tries_left if isinstance(outcome, WrongPin) else None)
