"""What verbs do to single rows: each refusal says why, and each attempt is audited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import sentences, services
from app.domain.operation import DeliveryState, Destination, Outcome, canonical_json
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.services.operator_door import OperatorDoor
from app.services.outbox_rows import delivered
from tests.empty_journal import open_empty
from tests.unit.journal.scenery import StillClock, operation

PROVINCE = Destination.PROVINCE


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def journal(tmp_path: Path, clock: StillClock) -> Iterator[Journal]:
    opened = open_empty(tmp_path, clock)
    yield opened
    opened.close()


def retried(journal: Journal, number: str) -> Refusal | None:
    return OperatorDoor(journal, services.load()).retry(number, "os:tester")


def test_a_queued_row_is_made_due_and_nothing_else(journal: Journal, clock: StillClock) -> None:
    first, second = operation(clock, "a"), operation(clock, "b")
    for one in (first, second):
        journal.run(lambda tx, one=one: tx.enqueue(one, (PROVINCE,))).result()
        hold = {"outcome": Outcome.RETRY, "next_try_in": 300.0}
        journal.run(lambda tx, one=one, hold=hold: tx.settle(one.op_id, PROVINCE, **hold)).result()
    assert retried(journal, first.op_id) is None
    waits = {row.op_id: row.next_try_in_s for row in journal.run(lambda tx: tx.rows()).result()}
    assert waits == {first.op_id: None, second.op_id: 300.0}


@pytest.mark.parametrize("outcome", [Outcome.APPLIED, Outcome.REJECTED, Outcome.CONFLICT])
def test_an_answered_row_is_refused_with_its_reason(journal: Journal, clock: StillClock, outcome: Outcome) -> None:
    made = operation(clock)
    journal.run(lambda tx: tx.enqueue(made, (PROVINCE,))).result()
    journal.run(lambda tx: tx.settle(made.op_id, PROVINCE, outcome)).result()
    refusal = retried(journal, made.op_id)
    assert refusal == Refusal(f"OP-ANSWERED-{outcome.value.upper()}")
    assert sentences.load().of(refusal).code == refusal.code
    (row,) = journal.run(lambda tx: tx.audit_rows(5)).result()
    assert (row.event, row.actor, row.result, row.detail) == (
        "outbox.retry",
        "os:tester",
        "refused",
        canonical_json({"code": refusal.code}),
    )


def test_what_is_under_way_not_queued_or_not_here_is_told_apart(journal: Journal, clock: StillClock) -> None:
    made, later = operation(clock, "a"), operation(clock, "b")
    journal.run(lambda tx: tx.enqueue(made, (PROVINCE,))).result()
    journal.run(lambda tx: tx.enqueue(later, ())).result()
    journal.run(lambda tx: tx.lease(PROVINCE)).result()
    assert retried(journal, made.op_id) == Refusal("OP-BEING-SENT")
    assert retried(journal, later.op_id) == Refusal.of("OP-NOT-QUEUED", number=later.op_id)
    assert retried(journal, "none") == Refusal.of("OP-NOT-HERE", number="none")


def test_all_are_made_due_by_one_command(journal: Journal, clock: StillClock) -> None:
    for person in "abc":
        made = operation(clock, person)
        journal.run(lambda tx, made=made: tx.enqueue(made, (PROVINCE,))).result()
        journal.run(lambda tx, made=made: tx.settle(made.op_id, PROVINCE, Outcome.RETRY, next_try_in=300.0)).result()
    assert OperatorDoor(journal, services.load()).retry_all("os:tester") is None
    assert [row.next_try_in_s for row in journal.run(lambda tx: tx.rows()).result()] == [None] * 3
    (row,) = journal.run(lambda tx: tx.audit_rows(5)).result()
    assert (row.event, row.result, row.detail) == ("outbox.retry_all", "done", canonical_json({"lifted": "3"}))


def test_an_account_notes_what_a_verb_did_and_nothing_else(journal: Journal) -> None:
    door = OperatorDoor(journal, services.load())
    assert door.note("back_up_journal", "os:tester", {"sm3": "00"}) is None
    with pytest.raises(KeyError):
        door.note("erase_journal", "os:tester", {})
    (row,) = journal.run(lambda tx: tx.audit_rows(5)).result()
    assert (row.event, row.actor, row.result) == ("journal.backup", "os:tester", "done")


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_has_a_next_action(state: DeliveryState) -> None:
    for language in ("zh_CN", "en"):
        assert sentences.load(language).code(f"OUTBOX-{state.upper()}").code.endswith(state.upper())
        assert f"OUTBOX-{state.upper()}" in sentences.load(language).entries


def test_an_operation_is_found_by_the_number_on_its_receipt(journal: Journal, clock: StillClock) -> None:
    made = operation(clock)
    journal.run(lambda tx: tx.enqueue(made, (PROVINCE,))).result()
    found = journal.run(lambda tx: delivered(tx, made.acceptance_no)).result()
    assert not isinstance(found, Refusal)
    assert [row.op_id for row in found.deliveries] == [made.op_id]
    assert found.next_action is None
