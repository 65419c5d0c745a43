"""`yikatong card check`: the 21 cases of the standards' yardsticks against the card in the reader."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.asked_hand import PATIENCE_S, AskedHand
from app.verbs.card_in_reader import CardInReader, add_reader_option, card_in_reader, print_fault
from app.verbs.entry import Subparsers
from app.verbs.named_driver import named_driver
from app.verbs.printing import print_json, print_refusal, print_table
from hardware.card.authentication import CardFacts
from hardware.card_check.finding import Finding, Reason, Verdict, finding_of
from hardware.card_check.ports import CheckMeans, NationalDriver, Permission
from hardware.ports import CardChannel, CardFault, CardFaultKind, Pin

if TYPE_CHECKING:
    from hardware.virtual.training_card import TrainingCard

T = TypeVar("T")


def add_parser(actions: Subparsers) -> None:
    """Add the action."""
    check = actions.add_parser("check", help="check the card in the reader against the standards' yardsticks")
    add_reader_option(check)
    check.add_argument("--writing", action="store_true", help="a test card: write, and use tries of its password")
    check.add_argument("--block", action="store_true", help="and block its application for good at the end")
    check.add_argument("--driver", metavar="NAME|FILE", help="the national driver, by its table's name or its library")
    check.add_argument("--pull", action="store_true", help="have somebody take the card out between two commands")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)


@dataclass(frozen=True)
class _Known:
    """What is known of the card before it is checked."""

    facts: CardFacts
    training: TrainingCard | None


@dataclass(frozen=True)
class _Checked:
    """A card and what was found."""

    known: _Known
    found: tuple[Finding, ...]


def run_check(namespace: argparse.Namespace) -> int:
    """Check once; 1 when a case fails, 2 when there is no card to check. A training card may always be written."""
    from hardware.readers.sscard.checked_driver import CheckedDriver

    with named_driver(namespace.driver) as driver, card_in_reader(namespace.reader) as card:
        if isinstance(driver, Refusal):
            print_refusal(driver)
            return 2
        checked = None if driver is None else CheckedDriver(driver.box, driver.facts, driver.interface)
        outcome = _checked(card, checked, namespace)
        reader = card.reader
    if isinstance(outcome, CardFault):
        print_fault(outcome, namespace.reader)
        return 2
    if namespace.json:
        print_json(_as_json(reader, outcome))
    else:
        _print(outcome.found)
    return 1 if any(finding.verdict is Verdict.FAIL for finding in outcome.found) else 0


def _recognized(channel: CardChannel) -> _Known | CardFault:
    from hardware.card.read_card import recognize
    from hardware.virtual.training_card import training_card

    facts = recognize(channel)
    return facts if isinstance(facts, CardFault) else _Known(facts, training_card(channel, facts))


def _checked(card: CardInReader, driver: NationalDriver | None, namespace: argparse.Namespace) -> _Checked | CardFault:
    from hardware.card_check.cases import check_chip, check_driver

    known: _Known | CardFault = card.use(_recognized)
    if isinstance(known, CardFault):
        return known
    means = _means(known, namespace)
    # A driver wants the reader for itself: its turn is between two transactions.
    by_driver = check_driver(known.facts, driver)
    chip = _with_the_same(card, known, lambda channel: check_chip(channel, known.facts, means))
    if isinstance(chip, CardFault):
        return chip
    ending = _ending(card, known, means, asked=namespace.pull)
    if isinstance(ending, CardFault):
        return ending
    return _Checked(known, tuple(sorted((*chip, *by_driver, *ending), key=lambda finding: finding.case)))


def _means(known: _Known, namespace: argparse.Namespace) -> CheckMeans:
    training = known.training
    permission = Permission.READING
    if namespace.writing or training is not None:
        permission = Permission.BLOCKING if namespace.block else Permission.WRITING
    if training is not None:
        return CheckMeans(permission, training.pin, training.keys)
    return CheckMeans(permission, _asked_pin() if namespace.writing else None)


def _with_the_same(card: CardInReader, known: _Known, work: Callable[[CardChannel], T | CardFault]) -> T | CardFault:
    """Work with the card that was seen: between the transactions another may have come, whose tries are nobody's."""

    def same_first(channel: CardChannel) -> T | CardFault:
        again = _recognized(channel)
        if isinstance(again, CardFault):
            return again
        return work(channel) if again == known else CardFault(CardFaultKind.SWAPPED)

    return card.use(same_first)


def _ending(
    card: CardInReader, known: _Known, means: CheckMeans, *, asked: bool
) -> tuple[Finding, Finding] | CardFault:
    """Run what ends the card's session, and then what ends its life."""
    from hardware.card_check.cases import LAST_CASE, PULLED_CASE, check_last, check_pulled

    pulled: Finding = finding_of(PULLED_CASE, Reason.NO_HAND)
    hand = AskedHand(PATIENCE_S) if asked else None
    if hand is not None:
        done = _with_the_same(card, known, lambda channel: check_pulled(channel, hand))
        if isinstance(done, CardFault):
            return done
        pulled = done
    if means.permission is not Permission.BLOCKING:
        return pulled, finding_of(LAST_CASE, Reason.ENDS_THE_CARD)
    if hand is not None and not _is_back(card, known, hand):
        return pulled, finding_of(LAST_CASE, Reason.NOT_PUT_BACK)
    last = _with_the_same(card, known, lambda channel: check_last(channel, known.facts, means))
    return last if isinstance(last, CardFault) else (pulled, last)


def _is_back(card: CardInReader, known: _Known, hand: AskedHand) -> bool:
    if card.use(_recognized) == known:
        return True
    hand.put_back()
    while hand.wait():
        if card.use(_recognized) == known:
            return True
    return False


def _asked_pin() -> Pin | None:
    """Ask for a test card's password: at a terminal unseen, else a line of stdin; None where nothing usable came."""
    if sys.stdin.isatty():
        digits = getpass.getpass(texts.load()("verbs.card.check.password"))
    else:
        digits = sys.stdin.readline().strip()
    try:
        return Pin(digits)
    except ValueError:
        return None


def _as_json(reader: str | None, checked: _Checked) -> Mapping[str, object]:
    known = checked.known
    counts = Counter(finding.verdict for finding in checked.found)
    return {
        "reader": reader,
        "generation": known.facts.generation.value,
        "algorithm": known.facts.algorithm,
        "training": known.training.profile if known.training is not None else None,
        "cases": [
            {
                "case": finding.name,
                "verdict": finding.verdict.value,
                "reason": finding.reason.value if finding.reason is not None else None,
                "seen": list(finding.seen),
            }
            for finding in checked.found
        ],
        **{verdict.value: counts[verdict] for verdict in Verdict},
    }


def _print(found: Sequence[Finding]) -> None:
    word = texts.load()
    rows = [
        (
            finding.name,
            word(f"verbs.card.check.case.{finding.name.lower()}"),
            word(f"verbs.card.check.verdict.{finding.verdict.value}"),
            word(f"verbs.card.check.reason.{finding.reason.value}")
            if finding.reason is not None
            else word("verbs.card.separator").join(finding.seen),
        )
        for finding in found
    ]
    print_table([word(f"verbs.card.check.{column}") for column in ("number", "title", "result", "why")], rows)
    counts = Counter(finding.verdict for finding in found)
    print(word("verbs.card.check.sum", **{verdict.value: str(counts[verdict]) for verdict in Verdict}))
