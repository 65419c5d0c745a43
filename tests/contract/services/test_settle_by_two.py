"""Settling by two over a real journal and a real hall: passwords, people and roles are the hall's."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.catalogue import sentences, services, texts, training_staff
from app.catalogue.sagas import Sagas, definition
from app.domain.actor import Actor
from app.domain.approval import Approval
from app.domain.clock import SystemClock
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Outcome
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.training_staff import seed_training_staff, training_password
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import SagaEngine
from app.journal.saga_values import SagaState, StepActs, Verdict
from app.services.doorway import Doorway
from app.services.ledger import Ledger
from app.services.second_person import SecondPersonDesk
from app.services.staff_door import StaffDoor
from app.services.task_desk import SettlementView, TaskDesk
from app.services.views import TaskView
from tests.unit.journal.saga.scenery import LIMITS, World, content, row
from tests.unit.journal.scenery import StillClock, operation

RIGHT = training_password()
WRONG = "STAFF-UNKNOWN-OR-PASSWORD"
LOSS = content(row("bank_loss", "reversible"), row("province_loss", "pivot"))


@dataclasses.dataclass
class Line:
    online: bool = True


class Window:
    """One window's task desk, with a clerk, a reviewer and a lead who sign in by the hall's passwords."""

    def __init__(self, folder: Path) -> None:
        catalogue, clock = services.load(), SystemClock()
        journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
        hall = Hall.open(hall_url(folder), clock)
        assert isinstance(journal, Journal)
        assert isinstance(hall, Hall)
        assert seed_training_staff(hall) is None
        self.folder, self.journal, self.hall, self.world, self.moved = folder, journal, hall, World(), 0
        queries = catalogue.queries
        doorway = Doorway(journal, catalogue.commands, Line(), queries=queries, drawn=lambda: False)
        second = SecondPersonDesk(StaffDoor(hall, doorway, catalogue), doorway, catalogue)
        self.desk = TaskDesk(journal, doorway, second, texts.load(), sentences.load(), self.go_on)
        self.ledger = Ledger(journal, doorway, sentences.load())
        acts = {name: StepActs(self.world.do, self.world.probe) for name in ("bank_loss", "province_loss")}
        definitions = Sagas.of([definition({**LOSS, "name": "formal_loss"}, "test")])
        self.engine = SagaEngine(journal, definitions, acts, lambda: True, LIMITS, jitter=lambda low, _high: low)

    def go_on(self) -> None:
        self.moved += 1

    def enter(self, staff_no: str) -> Actor:
        """Return a member of the training staff as signed in; only second persons are asked for passwords here."""
        person = next(person for person in training_staff.load().people if person.staff_no == staff_no)
        permissions = services.load().permissions(person.roles)
        return Actor(staff_no, person.name, person.person_id, "3", permissions, (), frozenset(person.roles))

    def conflict(self, outcome: Outcome = Outcome.CONFLICT, reason: str = "OP-STATE-MOVED") -> str:
        """Take an operation that the province answers at once."""
        made = dataclasses.replace(operation(StillClock()), op_id=new_op_id(SystemClock().now()))

        def write(tx) -> None:
            tx.enqueue(made, (Destination.PROVINCE,))
            tx.settle(made.op_id, Destination.PROVINCE, outcome, reason)

        self.journal.run(write).result()
        return made.op_id

    def doubtful_saga(self) -> str:
        """Take an operation whose saga stands still, because not even the bank can tell."""
        made = dataclasses.replace(operation(StillClock()), op_id=new_op_id(SystemClock().now()))
        self.world.told, self.world.murky = ["reply_lost"], {"bank_loss"}

        def write(tx) -> None:
            tx.enqueue(made, ())
            assert self.engine.begin(tx, "formal_loss", made.op_id, "0317", {}, made.op_id) is None

        self.journal.run(write).result()
        assert self.engine.advance(made.op_id, attended=True).state is SagaState.TWO_PERSONS
        return made.op_id

    def tasks(self, actor: Actor) -> dict[str, TaskView]:
        found = self.ledger.tasks(actor)
        assert not isinstance(found, Refusal)
        return {task.op_id: task for task in found}

    def prepared(self, actor: Actor, op_id: str, verdict: Verdict | None = None) -> SettlementView:
        view = self.desk.prepare(actor, op_id, verdict)
        assert isinstance(view, SettlementView), view
        return view

    def signed(self, actor: Actor, view: SettlementView, staff_no: str = "0102") -> Approval:
        approval = self.desk.approve(actor, view, staff_no, RIGHT)
        assert isinstance(approval, Approval), approval
        return approval

    def last(self) -> tuple[str, str, str]:
        (last,) = self.journal.run(lambda tx: tx.audit_rows(1)).result()
        return last.event, last.actor, last.result


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    made = Window(tmp_path)
    yield made
    made.journal.close()
    made.hall.close()


def test_a_conflict_is_closed_by_two_and_by_nobody_alone(window: Window) -> None:
    clerk, reviewer, op_id = window.enter("0317"), window.enter("0102"), window.conflict()
    assert window.tasks(clerk)[op_id].two_persons
    assert window.desk.close(reviewer, op_id) == Refusal("SECOND-PERSON-NEEDED")
    refused = window.desk.close(clerk, op_id)
    assert isinstance(refused, Refusal)
    assert refused.code == "NOT-PERMITTED"
    view = window.prepared(clerk, op_id)
    assert [line.label for line in view.lines] == ["业务", "办件编号", "持卡人", "原因", "处理"]
    assert [(line.label, line.old, line.new) for line in view.lines] == list(view.shown.lines)
    approval = window.signed(clerk, view)
    assert window.desk.settle(clerk, view, approval) is None
    assert window.last() == ("outbox.conflict_closed", "0317", "done")
    assert op_id not in window.tasks(clerk)
    assert window.desk.settle(clerk, view, approval) == Refusal("APPROVAL-USED")
    assert window.desk.prepare(clerk, op_id) == Refusal("TASK-CLOSED")


def test_what_the_province_refused_one_person_closes_who_may(window: Window) -> None:
    reviewer, op_id = window.enter("0102"), window.conflict(Outcome.REJECTED, "CARD-SEALED")
    assert not window.tasks(reviewer)[op_id].two_persons
    assert window.desk.close(reviewer, op_id) is None
    assert window.desk.close(reviewer, op_id) == Refusal("TASK-CLOSED")


def test_neither_the_maker_nor_who_lacks_role_or_password_signs(window: Window) -> None:
    clerk, op_id = window.enter("0317"), window.conflict()
    view = window.prepared(clerk, op_id)
    tries = (
        ("0317", RIGHT, "APPROVAL-ROLE"),
        ("0001", RIGHT, "APPROVAL-ROLE"),
        ("0102", "x", WRONG),
        ("?", "x", WRONG),
    )
    for staff_no, password, code in tries:
        assert window.desk.approve(clerk, view, staff_no, password) == Refusal(code)
    reviewer = window.enter("0102")
    own = window.prepared(reviewer, op_id)
    assert window.desk.approve(reviewer, own, "0102", RIGHT) == Refusal("SECOND-PERSON-SAME")
    assert window.desk.settle(reviewer, own, window.signed(reviewer, own, "0101")) is None


def test_a_second_persons_wrong_passwords_are_counted_before_they_are_checked(window: Window) -> None:
    clerk, op_id = window.enter("0317"), window.conflict()
    view = window.prepared(clerk, op_id)
    codes = []
    for _ in range(6):
        answer = window.desk.approve(clerk, view, "0102", "wrong")
        assert isinstance(answer, Refusal)
        codes.append(answer.code)
    assert codes == [WRONG] * 4 + ["STAFF-LOCKED"] * 2
    answer = window.desk.approve(clerk, view, "0102", RIGHT)
    assert isinstance(answer, Refusal)
    assert answer.code == "STAFF-LOCKED"
    with closing(sqlite3.connect(window.folder / "hall.db")) as file:
        assert file.execute("SELECT failed FROM staff WHERE staff_no = '0102'").fetchone() == (5,)
    assert isinstance(window.desk.approve(clerk, view, "0101", RIGHT), Approval)


def test_what_moved_after_it_was_signed_is_not_settled(window: Window) -> None:
    clerk, reviewer, op_id = window.enter("0317"), window.enter("0102"), window.conflict()
    view = window.prepared(clerk, op_id)
    approval = window.signed(clerk, view)
    other = window.prepared(reviewer, op_id)
    assert window.desk.settle(reviewer, other, window.signed(reviewer, other, "0101")) is None
    assert window.desk.settle(clerk, view, approval) == Refusal("TASK-CLOSED")
    changed = dataclasses.replace(view, shown=dataclasses.replace(view.shown, lines=view.shown.lines[:-1]))
    assert window.desk.settle(clerk, changed, approval) == Refusal("APPROVAL-OTHER")


@pytest.mark.parametrize(("verdict", "end"), [(Verdict.YES, SagaState.DONE), (Verdict.NO, SagaState.UNDONE)])
def test_two_persons_say_what_became_of_a_step_and_the_saga_goes_on(
    window: Window, verdict: Verdict, end: SagaState
) -> None:
    clerk, op_id = window.enter("0317"), window.doubtful_saga()
    task = window.tasks(clerk)[op_id]
    assert (task.two_persons, task.two_persons_on, task.question) == (True, "bank_loss", "happened")
    assert window.desk.close(window.enter("0102"), op_id) == Refusal("SECOND-PERSON-NEEDED")
    assert window.desk.prepare(clerk, op_id) == Refusal("TASK-CLOSED")
    view = window.prepared(clerk, op_id, verdict)
    assert "银行挂失" in [line.new for line in view.lines]
    other = window.prepared(clerk, op_id, Verdict.NO if verdict is Verdict.YES else Verdict.YES)
    approval = window.signed(clerk, view)
    assert window.desk.settle(clerk, other, approval) == Refusal("APPROVAL-OTHER")
    assert window.moved == 0
    assert window.desk.settle(clerk, view, approval) is None
    assert window.moved == 1
    window.world.murky = set()
    assert window.engine.advance(op_id, attended=True).state is end
    assert window.tasks(clerk) == {}


def test_who_may_not_see_the_list_prepares_nothing(window: Window) -> None:
    op_id = window.conflict()
    for staff_no in ("0001", "0002", "0003"):
        administrator = window.enter(staff_no)
        for answer in (
            window.desk.prepare(administrator, op_id),
            window.ledger.outbox(administrator),
            window.ledger.samples(administrator),
            window.desk.close(administrator, op_id),
        ):
            assert isinstance(answer, Refusal)
            assert answer.code == "NOT-PERMITTED"
    auditor = window.enter("0003")
    seen = window.ledger.audit(auditor, 5)
    assert not isinstance(seen, Refusal)
    assert seen[-1].event == "audit.view"
    assert window.journal.run(lambda tx: tx.verify()).result().ok


def test_a_drawn_command_is_on_the_list_of_who_may_look_and_another_person_ticks_it_off(window: Window) -> None:
    clerk, reviewer, op_id = window.enter("0317"), window.enter("0102"), window.conflict()
    window.journal.run(lambda tx: tx.samples.draw(op_id, "release_loss", clerk.person_id, "0317")).result()
    found = window.ledger.samples(reviewer)
    assert not isinstance(found, Refusal)
    (sample,) = found
    assert (sample.kind, sample.staff_no, bool(sample.acceptance_no)) == ("temporary_loss", "0317", True)
    refused = window.desk.tick(clerk, sample)
    assert isinstance(refused, Refusal)
    assert refused.code == "NOT-PERMITTED"
    lead_who_did_it = dataclasses.replace(window.enter("0101"), person_id=clerk.person_id)
    assert window.desk.tick(lead_who_did_it, sample) == Refusal("SECOND-PERSON-SAME")
    assert window.desk.tick(reviewer, sample) is None
    assert window.last() == ("sample.ticked", "0102", "done")
    assert window.ledger.samples(reviewer) == ()
