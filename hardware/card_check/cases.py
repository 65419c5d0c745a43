"""The 21 cases of a card check (card.md 5), in the order they are run: what ends the card's session or life is last."""

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
from hardware.card_check.finding import Finding, Outcome, finding_of
from hardware.card_check.ports import CheckMeans
from hardware.ports import CardChannel

CASES: Mapping[int, Callable[[CheckBench], Outcome]] = {
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
    18: national_driver.base_fields,
    19: national_driver.errors_have_words,
    21: national_driver.another_card_is_told,
    20: pulled_card.pulled_between_the_steps,
    14: lasting.application_block,
}


def check_card(channel: CardChannel, facts: CardFacts, means: CheckMeans) -> tuple[Finding, ...]:
    """Run all cases on a recognized card and return them by number; raises CardGone when it leaves."""
    bench = CheckBench(channel, facts, means)
    found = []
    for number, case in CASES.items():
        bench.fresh()
        found.append(finding_of(number, case(bench)))
    bench.fresh()
    return tuple(sorted(found, key=lambda finding: finding.case))
