"""What a case of the card check found: passed, failed with what was seen, or not applicable with why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a case ended."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Why a case does not apply."""

    WRITES = "writes"
    """It writes or uses up tries, and nobody allowed that."""
    ENDS_THE_CARD = "ends_the_card"
    """It blocks the application for good, and nobody allowed that."""
    NO_PIN = "no_pin"
    """The card has no 社保密码, or it is not known here."""
    FEW_TRIES = "few_tries"
    """Less than two tries are left."""
    NO_KEYS = "no_keys"
    """The card's keys are not at hand."""
    NO_FILE = "no_file"
    """The card has no file of the kind."""
    NO_DRIVER = "no_driver"
    """No national driver is configured."""
    NEEDS_HSM = "needs_hsm"
    """The driver has no PSAM that serves, and sends to the HSM."""
    NO_HAND = "no_hand"
    """Nobody pulls the card."""
    NOT_PULLED = "not_pulled"
    """Somebody was asked to, and did not in time."""
    NOT_PUT_BACK = "not_put_back"
    """The card was pulled, and did not come back in time."""


@dataclass(frozen=True)
class Finding:
    """One case; `seen` are commands, status words and element tags, never values."""

    case: int
    verdict: Verdict
    reason: Reason | None = None
    seen: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the case as the sheet writes it, `T7`."""
        return f"T{self.case}"


Outcome = Reason | tuple[str, ...]
"""Why a case does not apply, or everything that was not as it should be: nothing when it passed."""


def finding_of(case: int, outcome: Outcome) -> Finding:
    """Judge an outcome."""
    if isinstance(outcome, Reason):
        return Finding(case, Verdict.NOT_APPLICABLE, outcome)
    return Finding(case, Verdict.FAIL if outcome else Verdict.PASS, seen=outcome)
