"""Random lives of approvals against a model: sign, run, change, replay, move every clock; nothing unsigned runs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.domain.approval import Approval, Shown
from app.domain.refusal import Refusal
from app.journal.approvals import Approvals
from tests.unit.second_person.report import Counts, counts
from tests.unit.second_person.scenery import CATALOGUE, PEOPLE, maker, room, shown

MAKERS = ("0317", "0318", "0102")
COMMANDS = ("close_conflict", "settle_saga_step")
SUBJECTS = ("op-1", "op-2")
REASONS = ("moved", "too old")
WHAT = st.builds(shown, st.sampled_from(COMMANDS), st.sampled_from(SUBJECTS), st.sampled_from(REASONS))


def person(staff_no: str) -> str:
    return PEOPLE[staff_no].person_id.strip().upper()


@dataclass(frozen=True)
class Given:
    """What the model remembers of an approval."""

    shown: Shown
    maker: str
    approver: str
    boot: str
    since: float
    used: bool = False


class ApprovalMachine(RuleBasedStateMachine):
    """A window at which people sign and run commands, honestly and not."""

    counted = Counts()

    def __init__(self) -> None:
        super().__init__()
        self.left = ExitStack()
        self.room = self.left.enter_context(room())
        self.given: dict[str, Given] = {}
        self.should_have_run: list[str] = []
        self.boots = 0

    @rule(what=WHAT, by=st.sampled_from(MAKERS), staff_no=st.sampled_from([*PEOPLE, "4711"]), right=st.booleans())
    def sign(self, what: Shown, by: str, staff_no: str, right: bool) -> None:
        before = self.room.last_row()
        answer = self.room.approve(what, staff_no, maker(by), "right" if right else "wrong")
        expected = self._why_not_sign(what, by, staff_no, right)
        self._compare(f"sign: {expected}", answer, expected, before)
        if isinstance(answer, Approval):
            clock = self.room.clock
            self.given[answer.approval_id] = Given(what, person(by), person(staff_no), clock.boot, clock.seconds)

    @rule(what=WHAT, by=st.sampled_from(MAKERS), lead=st.booleans())
    def sign_honestly(self, what: Shown, by: str, lead: bool) -> None:
        self.sign(what, by, "0101" if lead or by == "0102" else "0102", True)

    @precondition(lambda self: self.given)
    @rule(
        what=WHAT,
        by=st.sampled_from(MAKERS),
        back=st.sampled_from((1, 1, 1, 2, 3, 99)),
        how=st.sampled_from(("as signed", "as signed", "something else", "somebody else")),
        fails=st.sampled_from((False, False, False, True)),
    )
    def run(self, what: Shown, by: str, back: int, how: str, fails: bool) -> None:
        """Run by one of the last approvals: what was signed, or something else, or as somebody else."""
        ids = ["no-such", *self.given]
        chosen = ids[-back] if back <= len(ids) else "no-such"
        row = self.given.get(chosen)
        if row is not None and how != "something else":
            what = row.shown
        if row is not None and how != "somebody else":
            by = next(no for no in MAKERS if person(no) == row.maker)
        expected = self._why_not_run(row, what, by)
        before = self.room.last_row()
        in_the_way = Refusal("TASK-CLOSED") if fails else None
        answer = self.room.execute(what, chosen, maker(by), in_the_way)
        if expected is None and fails:
            expected = "TASK-CLOSED"
        self._compare(f"run: {expected}", answer, expected, before)
        if expected is None and row is not None:
            self.should_have_run.append(what.op_id)
            self.given[chosen] = replace(row, used=True)

    @precondition(lambda self: any(row.used for row in self.given.values()))
    @rule()
    def run_again(self) -> None:
        """Run the last one that ran once more, exactly as it was signed."""
        chosen, row = next((each, row) for each, row in reversed(self.given.items()) if row.used)
        before = self.room.last_row()
        by = next(no for no in MAKERS if person(no) == row.maker)
        answer = self.room.execute(row.shown, chosen, maker(by))
        self._compare("run: replayed", answer, "APPROVAL-USED", before)

    @rule(what=WHAT, by=st.sampled_from(MAKERS))
    def run_unsigned(self, what: Shown, by: str) -> None:
        before = self.room.last_row()
        answer = self.room.execute(what, None, maker(by))
        self._compare("run: SECOND-PERSON-NEEDED", answer, "SECOND-PERSON-NEEDED", before)

    @rule(seconds=st.sampled_from((1.0, 100.0, 300.0, 601.0)))
    def time_passes(self, seconds: float) -> None:
        self.room.clock.pass_by(seconds)

    @rule(minutes=st.integers(-100_000, 100_000))
    def the_wall_clock_is_set(self, minutes: int) -> None:
        self.room.clock.wall += timedelta(minutes=minutes)

    @rule(seconds=st.sampled_from((0.0, 1000.0, 5000.0)))
    @precondition(lambda self: len(self.given) > 3 * self.boots)
    def the_machine_starts_anew(self, seconds: float) -> None:
        self.boots += 1
        self.room.clock.boot, self.room.clock.seconds = f"boot-{self.boots + 1}", seconds

    @invariant()
    def exactly_what_was_signed_has_run(self) -> None:
        assert self.room.ran == self.should_have_run

    def teardown(self) -> None:
        try:
            assert self.room.journal.run(lambda tx: tx.verify()).result().ok
        finally:
            self.left.close()

    def _compare(self, attack: str, answer: object, expected: str | None, before: int) -> None:
        written = [row for row in self.room.audit() if row.n > before]
        code = answer.code if isinstance(answer, Refusal) else None
        if expected is not None:
            self.counted.note(attack, code == expected, len(written))
        assert code == expected
        assert len(written) in (1, 2)
        assert (written[-1].result == "done") == (expected is None)

    def _why_not_sign(self, what: Shown, by: str, staff_no: str, right: bool) -> str | None:
        if staff_no not in PEOPLE or not right:
            return "STAFF-UNKNOWN-OR-PASSWORD"
        if not PEOPLE[staff_no].roles & CATALOGUE.commands[what.command].approvers:
            return "APPROVAL-ROLE"
        return "SECOND-PERSON-SAME" if person(staff_no) in ("", person(by)) else None

    def _why_not_run(self, row: Given | None, what: Shown, by: str) -> str | None:
        clock = self.room.clock
        if row is None:
            return "APPROVAL-UNKNOWN"
        if row.used:
            return "APPROVAL-USED"
        if row.boot != clock.boot or clock.seconds - row.since > 600:
            return "APPROVAL-LATE"
        if row.shown != what:
            return "APPROVAL-OTHER"
        if person(by) == row.approver:
            return "SECOND-PERSON-SAME"
        return None if person(by) == row.maker else "APPROVAL-OTHER"


def live(lives: int, steps: int, derandomize: bool = False) -> None:
    run_state_machine_as_test(
        ApprovalMachine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
            database=None,
            derandomize=derandomize,
        ),
    )


def test_nothing_runs_but_what_another_person_signed(request: pytest.FixtureRequest, monkeypatch) -> None:
    monkeypatch.setattr(ApprovalMachine, "counted", counts(request.config))
    live(12, 60)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_runs_but_what_another_person_signed_in_thousands_of_lives(
    request: pytest.FixtureRequest, monkeypatch
) -> None:
    monkeypatch.setattr(ApprovalMachine, "counted", counts(request.config))
    live(2000, 60)


def _never_used(self: Approvals, _approval_id: str) -> str:
    return "0102"


def _good_for_anything(self: Approvals, approval_id: str, _shown: Shown, _maker: str) -> Refusal | None:
    return Refusal("APPROVAL-UNKNOWN") if approval_id == "no-such" else None


@pytest.mark.parametrize(("name", "bad"), [("use", _never_used), ("refused", _good_for_anything)])
def test_a_design_that_is_known_to_be_bad_is_caught(monkeypatch, name: str, bad: object) -> None:
    monkeypatch.setattr(ApprovalMachine, "counted", Counts())
    monkeypatch.setattr(Approvals, name, bad)
    with pytest.raises((AssertionError, ValueError)):
        live(20, 60, derandomize=True)
