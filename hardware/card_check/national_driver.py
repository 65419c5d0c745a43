"""T18, T19 and T21: what the national driver says of the same card (card.md 4)."""

from __future__ import annotations

from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason

_FIELDS = 11
_REGION, _CARD_ID, _HISTORY = 0, 3, 5
_OTHER_CARD = -22
_CARD_ID_FILE = "SSSEEF05|01|$"


def base_fields(bench: CheckBench) -> Outcome:
    """T18: iReadCardBas gives eleven fields in their order, the last one ended by `|` too."""
    driver = bench.means.driver
    if driver is None:
        return Reason.NO_DRIVER
    answer = driver.read_base()
    bench.demand(answer.code == 0, f"iReadCardBas: {answer.code}")
    if answer.code == 0:
        fields = answer.text.split("|")
        bench.demand(fields[-1] == "", "no | at the end")
        bench.demand(len(fields) - 1 == _FIELDS, f"{len(fields) - 1} fields")
        known = {
            _REGION: bench.facts.region,
            _CARD_ID: bench.facts.card_id,
            _HISTORY: bench.facts.history.hex().upper(),
        }
        for at, value in known.items():
            bench.demand(len(fields) > at and fields[at].upper() == value, f"field {at + 1}")
    return bench.outcome()


def errors_have_words(bench: CheckBench) -> Outcome:
    """T19: a call that fails has a negative code and says why."""
    driver = bench.means.driver
    if driver is None:
        return Reason.NO_DRIVER
    answer = driver.read_card("", "no such file")
    bench.demand(answer.code < 0, f"iReadCard: {answer.code}")
    bench.demand(bool(answer.text.strip()), "no words")
    return bench.outcome()


def another_card_is_told(bench: CheckBench) -> Outcome:
    """T21: information of another card ends in -22."""
    driver = bench.means.driver
    if driver is None:
        return Reason.NO_DRIVER
    other = bench.facts.card_id[:-8] + ("0" * 8 if bench.facts.card_id[-8:] != "0" * 8 else "1" * 8)
    answer = driver.read_card(f"{other}|X00000019|", _CARD_ID_FILE)
    bench.demand(answer.code == _OTHER_CARD, f"iReadCard: {answer.code}, {_OTHER_CARD} expected")
    return bench.outcome()
