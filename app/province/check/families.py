"""Every family of checks, in the order in which they run, and the run itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.province.check.audit import AUDIT
from app.province.check.bench import Bench
from app.province.check.downlink import DOWNLINK
from app.province.check.family import Case, Family
from app.province.check.finding import Ended, Finding, Outcome, Reason, finding_of
from app.province.check.line import LINE
from app.province.check.operations import OPERATIONS
from app.province.check.questions import QUESTIONS
from app.province.check.services import SERVICES

FAMILIES: tuple[Family, ...] = (QUESTIONS, OPERATIONS, AUDIT, DOWNLINK, SERVICES, LINE)
"""A new family of the wire is one more name here, and its titles in the texts; the line's own comes last."""


def numbers(families: tuple[Family, ...] = FAMILIES) -> tuple[str, ...]:
    """Return the number of every check."""
    return tuple(number for family in families for number, _case in family.numbered())


def run(
    bench: Bench, writing: bool, wanted: Collection[str] | None = None, families: tuple[Family, ...] = FAMILIES
) -> Iterator[Finding]:
    """Run the checks wanted, all without a choice; those that write only where that is allowed."""
    for family in families:
        for number, case in family.numbered():
            if wanted is None or number in wanted:
                yield finding_of(number, _outcome(bench, case, writing))


def _outcome(bench: Bench, case: Case, writing: bool) -> Outcome:
    if case.writes and not writing:
        return Reason.WRITES
    try:
        return case.run(bench)
    except Ended as ended:
        return ended.outcome
