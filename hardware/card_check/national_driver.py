"""T18, T19 and T21: what the national driver says of the same card (card.md 4)."""

from __future__ import annotations

from hardware.card.authentication import CardFacts
from hardware.card_check.finding import Outcome, Reason
from hardware.card_check.ports import NationalDriver, NoAnswer

_FIELDS = 11
_REGION, _CARD_ID, _HISTORY = 0, 3, 5
_OTHER_CARD = -22
_CARD_ID_FILE = "SSSEEF05|01|$"


def base_fields(driver: NationalDriver, facts: CardFacts) -> Outcome:
    """T18: iReadCardBas gives eleven fields in their order, the last one ended by `|` too."""
    answer = driver.read_base()
    if isinstance(answer, NoAnswer):
        return (answer.why,)
    if answer.needs_hsm:
        return Reason.NEEDS_HSM
    if answer.code != 0:
        return (f"iReadCardBas: {answer.code}",)
    fields = answer.text.split("|")
    known = {_REGION: facts.region, _CARD_ID: facts.card_id, _HISTORY: facts.history.hex().upper()}
    wrong = [f"field {at + 1}" for at, value in known.items() if len(fields) <= at or fields[at].upper() != value]
    if len(fields) - 1 != _FIELDS:
        wrong.insert(0, f"{len(fields) - 1} fields")
    if fields[-1]:
        wrong.insert(0, "no | at the end")
    return tuple(wrong)


def errors_have_words(driver: NationalDriver, _facts: CardFacts) -> Outcome:
    """T19: a call that fails has a negative code and says why."""
    answer = driver.read_card("", "no such file")
    if isinstance(answer, NoAnswer):
        return (answer.why,)
    if answer.code >= 0:
        return (f"iReadCard: {answer.code}",)
    return () if answer.text.strip() else ("no words",)


def another_card_is_told(driver: NationalDriver, facts: CardFacts) -> Outcome:
    """T21: information of another card ends in -22."""
    other = facts.card_id[:-8] + ("0" * 8 if facts.card_id[-8:] != "0" * 8 else "1" * 8)
    answer = driver.read_card(f"{other}|X00000019|", _CARD_ID_FILE)
    if isinstance(answer, NoAnswer):
        return (answer.why,)
    return () if answer.code == _OTHER_CARD else (f"iReadCard: {answer.code}, {_OTHER_CARD} expected",)
