"""What a second person's signature is good for: one command, as it was shown, once, within ten minutes, by another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.approval import Approval, Shown, Signed
from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.journal.transaction import Transaction
from app.services.doorway import Done
from tests.unit.second_person.report import counts
from tests.unit.second_person.scenery import SAME, Room, maker, room, shown


@pytest.fixture
def window() -> Iterator[Room]:
    with room() as made:
        yield made


def given(window: Room, what: Shown | None = None) -> str:
    approval = window.approve(what or shown())
    assert isinstance(approval, Approval), approval
    assert (approval.staff_no, approval.valid_s) == ("0102", 600.0)
    return approval.approval_id


def test_what_is_signed_is_the_digest_of_exactly_what_is_shown(window: Room) -> None:
    what = shown()
    text = (
        '{"command":"close_conflict","lines":[["reason","moved","moved"],["decided","open","closed"]],"op_id":"op-1"}'
    )
    assert what.digest == sm3_hex(text.encode())
    approval_id = given(window)
    proof, sign = window.audit(2)
    assert (proof.event, proof.actor, proof.result) == ("approval.proof", "0102", "done")
    assert (sign.event, sign.actor, sign.result, sign.op_id) == ("approval.give", "0102", "done", "op-1")
    told = {"approval": approval_id, "command": "close_conflict", "digest": what.digest, "maker": "0317"}
    assert json.loads(sign.detail) == told


def test_a_signed_command_runs_once_and_its_row_names_both(window: Room) -> None:
    approval_id = given(window)
    assert window.execute(shown(), approval_id) == "done"
    row = window.audit(1)[0]
    assert (row.event, row.actor, row.result, row.op_id) == ("outbox.conflict_closed", "0317", "done", "op-1")
    assert json.loads(row.detail) == {"second_person": "0102", "approval": approval_id}
    assert window.execute(shown(), approval_id) == Refusal("APPROVAL-USED")
    assert window.ran == ["op-1"]


def test_what_the_handler_refuses_may_be_tried_again_with_the_same_signature(window: Room) -> None:
    approval_id = given(window)
    assert window.execute(shown(), approval_id, refused=Refusal("TASK-CLOSED")) == Refusal("TASK-CLOSED")
    assert window.execute(shown(), approval_id) == "done"


def test_a_defect_in_the_handler_uses_nothing_up(window: Room) -> None:
    approval_id = given(window)

    def handle(_tx: Transaction) -> Done[None]:
        raise ZeroDivisionError

    failed = window.doorway.execute("close_conflict", maker(), handle, Signed(shown(), approval_id))
    assert isinstance(failed.exception(timeout=10), ZeroDivisionError)
    other = window.doorway.execute(
        "close_conflict", maker(), lambda _tx: Done(None, "op-2"), Signed(shown(), approval_id)
    )
    assert isinstance(other.exception(timeout=10), ValueError)
    assert window.execute(shown(), approval_id) == "done"


# How each attack is made, and the code that it is refused with.
CHANGED = {
    "a changed line": shown(reason="other"),
    "another subject": shown(op_id="op-2"),
    "another command": shown(command="settle_saga_step"),
}


@pytest.mark.parametrize("attack", CHANGED)
def test_what_was_changed_after_the_signature_is_refused(window: Room, request, attack: str) -> None:
    approval_id = given(window)
    expect(window, request, attack, "APPROVAL-OTHER", lambda: window.execute(CHANGED[attack], approval_id))
    assert window.execute(shown(), approval_id) == "done"


def test_without_with_an_unknown_or_with_a_used_signature_nothing_runs(window: Room, request) -> None:
    approval_id = given(window)
    expect(window, request, "no approval", "SECOND-PERSON-NEEDED", lambda: window.execute(shown(), None))
    expect(window, request, "an unknown approval", "APPROVAL-UNKNOWN", lambda: window.execute(shown(), "no-such"))
    assert window.execute(shown(), approval_id) == "done"
    expect(window, request, "replayed", "APPROVAL-USED", lambda: window.execute(shown(), approval_id))


def test_another_maker_and_the_approver_himself_cannot_use_it(window: Room, request) -> None:
    approval_id = given(window)
    other, self_made = maker("0318"), maker("0102")
    expect(window, request, "another maker", "APPROVAL-OTHER", lambda: window.execute(shown(), approval_id, other))
    expect(
        window,
        request,
        "the approver as maker",
        "SECOND-PERSON-SAME",
        lambda: window.execute(shown(), approval_id, self_made),
    )


def test_ten_minutes_are_counted_and_no_clock_on_the_wall_changes_them(window: Room, request) -> None:
    first = given(window)
    window.clock.pass_by(600)
    assert window.execute(shown(), first) == "done"
    second = given(window)
    window.clock.pass_by(600.1)
    expect(window, request, "late", "APPROVAL-LATE", lambda: window.execute(shown(), second))
    window.clock.wall -= timedelta(minutes=30)
    expect(window, request, "late, wall clock set back", "APPROVAL-LATE", lambda: window.execute(shown(), second))
    third = given(window)
    window.clock.wall += timedelta(days=400)
    assert window.execute(shown(), third) == "done"
    fourth = given(window)
    window.clock.reboot()
    expect(window, request, "after a restart", "APPROVAL-LATE", lambda: window.execute(shown(), fourth))
    window.clock.seconds = 1700.0
    expect(window, request, "after a restart", "APPROVAL-LATE", lambda: window.execute(shown(), fourth))


@pytest.mark.parametrize(
    ("attack", "staff_no", "password", "code"),
    [
        ("the maker signs", "0317", "right", "APPROVAL-ROLE"),
        ("the maker's other account signs", "9317", "right", "SECOND-PERSON-SAME"),
        ("an account of nobody signs", "0666", "right", "SECOND-PERSON-SAME"),
        ("a clerk signs", "0318", "right", "APPROVAL-ROLE"),
        ("a guide signs", "0201", "right", "APPROVAL-ROLE"),
        ("an administrator signs", "0001", "right", "APPROVAL-ROLE"),
        ("a wrong password", "0102", "wrong", "STAFF-UNKNOWN-OR-PASSWORD"),
        ("an unknown number", "4711", "right", "STAFF-UNKNOWN-OR-PASSWORD"),
    ],
)
def test_who_may_not_sign_does_not(window: Room, request, attack: str, staff_no: str, password: str, code: str) -> None:
    proved = password == "right" and staff_no != "4711"
    rows = 2 if proved else 1
    expect(window, request, attack, code, lambda: window.approve(shown(), staff_no, password=password), rows)
    assert window.journal.run(count_approvals).result() == 0


def test_what_was_typed_as_a_number_is_kept_only_where_it_is_one(window: Room) -> None:
    window.approve(shown(), "my password")
    assert window.audit(1)[0].actor == "?"


def test_neither_person_stands_in_clear_and_a_signature_is_neither_changed_nor_deleted(window: Room) -> None:
    approval_id = given(window)
    stored = window.journal.run(lambda tx: str(sql(tx, "SELECT * FROM approval").all())).result()
    assert SAME not in stored
    assert "person-3" not in stored
    assert window.execute(shown(), approval_id) == "done"
    for statement in (
        "DELETE FROM approval",
        "UPDATE approval SET used_at = NULL",
        "UPDATE approval SET digest = 'x'",
        "UPDATE approval SET until_mono = until_mono + 600",
        "UPDATE approval SET approver_person = maker_person",
    ):
        with pytest.raises(DatabaseError):
            window.journal.run(lambda tx, statement=statement: sql(tx, statement)).result()


def test_a_signature_is_used_up_in_the_very_transaction(window: Room) -> None:
    approval_id = given(window)
    assert window.journal.run(lambda tx: tx.approvals.use(approval_id)).result() == "0102"
    again = window.journal.run(lambda tx: tx.approvals.use(approval_id))
    assert isinstance(again.exception(timeout=10), ValueError)


def expect(window: Room, request, attack: str, code: str, act, rows: int = 1) -> None:
    """Make an attack: it is refused with its code, nothing runs, and the audit chain has exactly its rows."""
    before, ran = window.last_row(), len(window.ran)
    answer = act()
    written = [row for row in window.audit() if row.n > before]
    refused = isinstance(answer, Refusal) and answer.code == code and len(window.ran) == ran
    counts(request.config).note(attack, refused, len(written))
    assert refused, (attack, answer)
    assert len(written) == rows
    assert written[-1].result in ("denied", "refused")
    assert json.loads(written[-1].detail)["code"] in (code, "NOT-PERMITTED")


def sql(tx: Transaction, statement: str):
    return tx._book.connection.exec_driver_sql(statement)


def count_approvals(tx: Transaction) -> int:
    return sql(tx, "SELECT count(*) FROM approval").scalar_one()
