"""What a check of a province found: passed, failed with what was seen, not offered, or not run with why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.domain.refusal import Refusal
from app.province.port import NOT_OFFERED

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,40}|HTTP \d{3}")
_FACTS = ("field", "status", "reason", "retry_after")


class Verdict(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NOT_OFFERED = "not_offered"
    NOT_RUN = "not_run"


class Reason(StrEnum):
    """Why a check has nothing to judge."""

    NOT_OFFERED = "not_offered"
    """The province says that it does not have the operation."""
    WRITES = "writes"
    """It writes, and nobody allowed that."""
    NO_PERSON = "no_person"
    """No test person of the kind is named."""
    NO_HSM = "no_hsm"
    """The file of test persons has no line for the HSM."""
    NONE_SEEN = "none_seen"
    """What it judges did not come up."""
    NO_MAINTENANCE = "no_maintenance"
    """No address is named that answers as during maintenance."""


@dataclass(frozen=True)
class Seen:
    """What a check saw, and what of it was wrong: counts, codes, names of fields; never a value of a person."""

    seen: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


Outcome = Seen | Reason


@dataclass(frozen=True)
class Finding:
    """One check's end."""

    number: str
    verdict: Verdict
    reason: Reason | None = None
    seen: tuple[str, ...] = ()


class Ended(Exception):
    """A check cannot go on; carries its outcome to the runner."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("a check ended")
        self.outcome = outcome


def finding_of(number: str, outcome: Outcome) -> Finding:
    """Judge an outcome."""
    if isinstance(outcome, Seen):
        return Finding(number, Verdict.FAIL if outcome.wrong else Verdict.PASS, seen=outcome.wrong or outcome.seen)
    verdict = Verdict.NOT_OFFERED if outcome is Reason.NOT_OFFERED else Verdict.NOT_RUN
    return Finding(number, verdict, outcome)


def refused(refusal: Refusal) -> Outcome:
    """Return the outcome of an operation that was refused where it had to be done."""
    return Reason.NOT_OFFERED if refusal.code == NOT_OFFERED else Seen(wrong=(told(refusal),))


def told(answer: object) -> str:
    """Name an answer without its contents: a refusal by its codes, any other by its kind."""
    if not isinstance(answer, Refusal):
        return type(answer).__name__
    facts = [value for name, value in answer.facts if name in _FACTS and (name == "field" or _is_code(value))]
    return " ".join((answer.code, *facts))


def _is_code(value: str) -> bool:
    # The province's own words may name a person.
    return _CODE.fullmatch(value) is not None or value.isdigit()
