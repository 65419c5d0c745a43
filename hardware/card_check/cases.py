"""The 21 cases of a card check (card.md 5): those of the chip, of the driver, of a pulled card, and the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hardware.card.authentication import CardFacts
from hardware.card_check import (
    basic_files,
    lasting,
    national_driver,
    password,
    pulled_card,
    security_state,
    selection,
)
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Finding, Outcome, Reason, finding_of
from hardware.card_check.ports import CheckMeans, Hand, NationalDriver
from hardware.ports import CardChannel

CHIP_CASES: Mapping[int, Callable[[CheckBench], Outcome]] = {
    1: selection.application_and_master_file,
    2: selection.unknown_name,
    3: basic_files.elements,
    4: basic_files.read_rights,
    5: basic_files.length_asked_for,
    6: basic_files.what_is_not_there,
    7: password.tries_are_counted,
    8: password.change,
    9: password.unblocking,
    10: security_state.random_serves_once,
    11: security_state.directory_with_pin,
    12: security_state.pin_and_key,
    13: lasting.newest_is_number_one,
    15: selection.historical_bytes,
    16: basic_files.version_and_behaviour,
    17: basic_files.card_id_and_agency,
}
DRIVER_CASES: Mapping[int, Callable[[NationalDriver, CardFacts], Outcome]] = {
    18: national_driver.base_fields,
    19: national_driver.errors_have_words,
    21: national_driver.another_card_is_told,
}
PULLED_CASE, LAST_CASE = 20, 14


def check_chip(channel: CardChannel, facts: CardFacts, means: CheckMeans) -> tuple[Finding, ...]:
    """Run the chip's cases on a recognized card; raises CardGone when it leaves."""
    bench = CheckBench(channel, facts, means)
    found = []
    for number, case in CHIP_CASES.items():
        bench.fresh()
        found.append(finding_of(number, case(bench)))
    bench.fresh()
    return tuple(found)


def check_driver(facts: CardFacts, driver: NationalDriver | None) -> tuple[Finding, ...]:
    """Run the driver's cases, while the card is in its reader and nobody holds it."""
    return tuple(
        finding_of(number, Reason.NO_DRIVER if driver is None else case(driver, facts))
        for number, case in DRIVER_CASES.items()
    )


def check_pulled(channel: CardChannel, hand: Hand) -> Finding:
    """Run T20, after which the card is out: it ends the transaction at hand."""
    return finding_of(PULLED_CASE, pulled_card.pulled_between_the_steps(channel, hand))


def check_last(channel: CardChannel, facts: CardFacts, means: CheckMeans) -> Finding:
    """Run T14, after which nothing else works; raises CardGone."""
    bench = CheckBench(channel, facts, means)
    bench.fresh()
    return finding_of(LAST_CASE, lasting.application_block(bench))
