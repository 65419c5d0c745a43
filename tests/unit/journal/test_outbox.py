"""The outbox: order by key, leases, four outcomes, and rows that stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from app.catalogue import sentences
from app.domain.anchor import Countersigned
from app.domain.digest import sm3_hex
from app.domain.operation import DeliveryState, Destination, Operation, Outcome, canonical_json
from app.journal.dispatch import upload_item
from app.journal.journal import Journal
from app.province.upload_body import item_body
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation

PROVINCE = Destination.PROVINCE


def enqueue(do: Callable, *operations: Operation) -> list[str]:
    for wanted in operations:
        do(lambda tx, wanted=wanted: tx.enqueue(wanted, (PROVINCE,)))
    return [wanted.op_id for wanted in operations]


def leased(do: Callable, **limits: float) -> list[str]:
    return [delivery.operation.op_id for delivery in do(lambda tx: tx.lease(PROVINCE, **limits))]


def settle(do: Callable, op_id: str, outcome: Outcome, **more: object) -> bool:
    return do(lambda tx: tx.settle(op_id, PROVINCE, outcome, **more))


def state(do: Callable, op_id: str) -> tuple[DeliveryState, str | None]:
    return do(lambda tx: tx.delivery_state(op_id, PROVINCE))


def test_operation_is_read_as_it_was_written(do: Callable, clock: StillClock) -> None:
    wanted = operation(clock, note="挂失")
    enqueue(do, wanted)
    assert do(lambda tx: tx.operation(wanted.op_id)) == wanted
    (delivery,) = do(lambda tx: tx.lease(PROVINCE))
    assert delivery.operation == wanted
    assert delivery.payload_sm3 == sm3_hex(wanted.payload.encode())
    assert delivery.device_seq == 1
    for missing in ("operation", "delivery_state"):
        with pytest.raises(KeyError):
            do(lambda tx, m=missing: getattr(tx, m)(*(["none"] if m == "operation" else ["none", PROVINCE])))


def test_sm3_is_the_standards() -> None:
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_only_the_head_of_a_key_is_sendable(do: Callable, clock: StillClock) -> None:
    a1, b1, a2, c1 = enqueue(do, *(operation(clock, key) for key in ("a", "b", "a", "c")))
    assert leased(do) == [a1, b1, c1]
    assert leased(do) == []
    settle(do, a1, Outcome.APPLIED)
    assert leased(do) == [a2]


def test_poison_holds_only_its_own_key(do: Callable, clock: StillClock) -> None:
    poison, b1, a2, b2 = enqueue(do, *(operation(clock, key) for key in ("a", "b", "a", "b")))
    assert leased(do) == [poison, b1]
    settle(do, poison, Outcome.RETRY, next_try_in=60.0, reason="PROVINCE-AWAY")
    settle(do, b1, Outcome.APPLIED)
    assert leased(do) == [b2]
    settle(do, b2, Outcome.APPLIED)
    assert do(lambda tx: tx.next_due_in(PROVINCE)) == 60.0
    clock.pass_by(60)
    assert do(lambda tx: tx.next_due_in(PROVINCE)) == 0.0
    assert leased(do) == [poison]
    settle(do, poison, Outcome.REJECTED, reason="CARD-LOST-ALREADY")
    assert leased(do) == [a2]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.CONFLICT])
def test_refused_rows_go_to_a_person(do: Callable, clock: StillClock, outcome: Outcome) -> None:
    (op_id,) = enqueue(do, operation(clock))
    leased(do)
    assert settle(do, op_id, outcome, reason="CARD-SEALED", message="卡未启用")
    assert state(do, op_id) == (DeliveryState(outcome.value), "CARD-SEALED")
    (task,) = do(lambda tx: tx.tasks())
    assert (task.op_id, task.reason, task.message) == (op_id, "CARD-SEALED", "卡未启用")
    assert (task.kind, task.destination, task.since) == ("temporary_loss", PROVINCE, clock.now())
    assert task.next_action in sentences.load().entries
    assert do(lambda tx: tx.summary()).tasks == 1
    assert do(lambda tx: tx.close_task(op_id, "0007", "已电话告知"))
    assert not do(lambda tx: tx.close_task(op_id, "0007", "再次"))
    assert do(lambda tx: tx.tasks()) == ()
    assert state(do, op_id)[0] == DeliveryState(outcome.value)


def test_applied_keeps_when_it_took_effect(do: Callable, clock: StillClock, raw: Callable) -> None:
    (op_id,) = enqueue(do, operation(clock))
    settle(do, op_id, Outcome.APPLIED, effect_at=datetime(2026, 11, 22, 9, 1, tzinfo=UTC))
    assert raw().execute("SELECT effect_at FROM delivery").fetchone() == ("2026-11-22T09:01:00.000000+00:00",)
    assert do(lambda tx: tx.summary()).pending == 0
    assert do(lambda tx: tx.next_due_in(PROVINCE)) is None


def test_first_answer_stands(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    assert settle(do, op_id, Outcome.APPLIED)
    for late in Outcome:
        assert not settle(do, op_id, late)
    assert not do(lambda tx: tx.set_aside(op_id, PROVINCE, "OP-TOO-OLD"))
    assert state(do, op_id)[0] is DeliveryState.APPLIED
    assert do(lambda tx: tx.tasks()) == ()


def test_set_aside_is_a_conflict_with_a_task(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    assert do(lambda tx: tx.set_aside(op_id, PROVINCE, "OP-TOO-OLD"))
    assert state(do, op_id) == (DeliveryState.CONFLICT, "OP-TOO-OLD")
    assert do(lambda tx: tx.tasks())[0].next_action == "TASK-SET-ASIDE"
    assert leased(do) == []


def test_batch_ends_at_rows_or_bytes(do: Callable, clock: StillClock) -> None:
    ids = enqueue(do, *(operation(clock, f"p{n}", note="x" * 1000) for n in range(6)))
    assert leased(do, limit=2) == ids[:2]
    assert leased(do, max_bytes=3600) == ids[2:4]
    assert leased(do, max_bytes=10) == ids[4:5]


@pytest.mark.parametrize("note", ['"\\"' * 300, "备注" * 300, "plain " * 100])
def test_a_batch_is_as_large_as_it_becomes_on_the_wire(do: Callable, clock: StillClock, note: str) -> None:
    enqueue(do, *(operation(clock, f"p{n}", note=note) for n in range(60)))
    taken = do(lambda tx: tx.lease(PROVINCE, max_bytes=60_000))
    items = [item_body(upload_item(delivery)) for delivery in taken]
    sent = len(httpx.Request("POST", "http://127.0.0.1/", json=items).content)
    assert len(items) == 60 or sent > 42_000
    assert sent <= 60_000


def test_lease_ends_by_time(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    assert leased(do, lease_s=30) == [op_id]
    clock.pass_by(29)
    assert leased(do) == []
    clock.pass_by(2)
    assert leased(do) == [op_id]
    assert do(lambda tx: tx.rows())[0].attempts == 2


def test_wall_clock_does_not_move_a_wait(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    settle(do, op_id, Outcome.RETRY, next_try_in=10.0)
    clock.wall = datetime(2016, 1, 1, tzinfo=UTC)
    clock.seconds += 11
    assert leased(do) == [op_id]
    assert do(lambda tx: tx.rows())[0].age_s == 11.0


def test_a_retry_without_a_wait_is_due_at_once(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    leased(do)
    settle(do, op_id, Outcome.RETRY)
    assert do(lambda tx: tx.next_due_in(PROVINCE)) == 0.0
    assert leased(do) == [op_id]


def test_a_retry_makes_due_what_stands_before_it_and_nobody_elses(do: Callable, clock: StillClock) -> None:
    first, other, second = enqueue(do, operation(clock, "a"), operation(clock, "b"), operation(clock, "a"))
    leased(do)
    for op_id in (first, other):
        settle(do, op_id, Outcome.RETRY, next_try_in=300.0)
    assert leased(do) == []
    assert do(lambda tx: tx.retry(second, PROVINCE)) is None
    assert leased(do) == [first]
    settle(do, first, Outcome.APPLIED)
    assert leased(do) == [second]


def test_wait_of_another_boot_is_over(do: Callable, clock: StillClock) -> None:
    (op_id,) = enqueue(do, operation(clock))
    settle(do, op_id, Outcome.RETRY, next_try_in=300.0)
    clock.pass_by(60)
    clock.reboot()
    assert do(lambda tx: tx.rows())[0].age_s == 60.0
    assert leased(do) == [op_id]


def test_make_due_now_lifts_waits_but_no_lease(do: Callable, clock: StillClock) -> None:
    waiting, _sending = enqueue(do, operation(clock, "a"), operation(clock, "b"))
    leased(do)
    settle(do, waiting, Outcome.RETRY, next_try_in=300.0)
    assert do(lambda tx: tx.rows(states=[DeliveryState.QUEUED]))[0].next_try_in_s == 300.0
    assert do(lambda tx: tx.make_due_now()) == 1
    assert leased(do) == [waiting]


def test_leases_are_dropped_at_the_next_start(open_journal: Callable[[], Journal], clock: StillClock) -> None:
    journal = open_journal()
    wanted = operation(clock)
    journal.run(lambda tx: tx.enqueue(wanted, (PROVINCE,))).result()
    journal.run(lambda tx: tx.lease(PROVINCE)).result()
    journal.close()
    again = open_journal()
    assert [d.operation for d in again.run(lambda tx: tx.lease(PROVINCE)).result()] == [wanted]


def test_destinations_are_apart(do: Callable, clock: StillClock) -> None:
    wanted = operation(clock)
    do(lambda tx: tx.enqueue(wanted, (PROVINCE, Destination.HALL)))
    settle(do, wanted.op_id, Outcome.APPLIED)
    assert do(lambda tx: tx.delivery_state(wanted.op_id, Destination.HALL))[0] is DeliveryState.QUEUED
    assert len(do(lambda tx: tx.lease(Destination.HALL))) == 1


def test_a_row_tells_whom_it_is_about(do: Callable, clock: StillClock) -> None:
    about = replace(operation(clock), payload=canonical_json({"citizen_number": CITIZEN_NUMBER}))
    enqueue(do, about, operation(clock, "b"))
    assert [row.citizen_number for row in do(lambda tx: tx.rows())] == [CITIZEN_NUMBER, None]


def test_rows_show_what_waits_in_the_order_of_sending_and_then_the_newest_answers(
    do: Callable, clock: StillClock
) -> None:
    first, second, third, fourth = enqueue(do, *(operation(clock, key) for key in "abcd"))
    settle(do, third, Outcome.APPLIED)
    settle(do, fourth, Outcome.REJECTED)
    clock.pass_by(5)
    rows = do(lambda tx: tx.rows())
    assert [row.op_id for row in rows] == [first, second, fourth, third]
    assert rows[0].age_s == 5.0
    assert rows[0].acceptance_no == "350102-20261122-K7QF2M-00001"
    assert [row.op_id for row in do(lambda tx: tx.rows(states=[DeliveryState.APPLIED]))] == [third]
    assert len(do(lambda tx: tx.rows(limit=1))) == 1
    summary = do(lambda tx: tx.summary())
    assert (summary.pending, summary.oldest_age_s, summary.tasks) == (2, 5.0, 1)


def test_no_row_is_cut_off(do: Callable, clock: StillClock) -> None:
    waiting = enqueue(do, *(operation(clock, f"k{number}") for number in range(1203)))
    assert [row.op_id for row in do(lambda tx: tx.rows())] == waiting
    assert [row.op_id for row in do(lambda tx: tx.rows(limit=200))] == waiting[:200]
    assert do(lambda tx: tx.row_count()) == 1203


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM operation",
        "DELETE FROM delivery",
        "DELETE FROM audit",
        "UPDATE operation SET payload = x'7b7d'",
        "UPDATE operation SET payload = zeroblob(length(payload))",
        "UPDATE receipt SET pdf = zeroblob(length(pdf))",
        "UPDATE operation SET clerk = '0008'",
        "DELETE FROM data_key",
        "UPDATE audit SET entry = '{}'",
        "UPDATE delivery SET device_seq = 9",
        "UPDATE delivery SET state = 'queued', answered_at = NULL WHERE answered_at IS NOT NULL",
        "UPDATE counter SET value = value",
        "INSERT OR REPLACE INTO audit (n, entry, sm3, tag) SELECT n, entry, sm3, tag FROM audit",
        "UPDATE audit_start SET n = 0",
        "DELETE FROM audit_start",
        "INSERT INTO audit_v1 SELECT n, at, actor, event, op_id, result, detail, '', '' FROM audit",
        "UPDATE anchor SET n = 0",
        "DELETE FROM anchor",
        "INSERT INTO delivery (op_id, destination, device_seq, order_key, state, attempts)"
        " SELECT op_id, 'x', 9, order_key, 'lost', 0 FROM delivery",
    ],
)
def test_rows_are_neither_deleted_nor_rewritten(
    journal: Journal, do: Callable, clock: StillClock, statement: str
) -> None:
    first, _second = enqueue(do, operation(clock, "a"), operation(clock, "b"))
    settle(do, first, Outcome.APPLIED)
    do(lambda tx: tx.save_receipt("job-1", first, "title", b"%PDF"))
    do(lambda tx: tx.audit("test", "0007", "done"))
    do(lambda tx: tx.anchors.keep(Countersigned("device-3", journal.incarnation, 1, 1, "00", "t", "00")))
    with pytest.raises(Exception, match=r"append-only|never|keeps its number|answered|only rises|CHECK") as refused:
        do(lambda _tx: journal._book.connection.exec_driver_sql(statement))
    assert isinstance(refused.value.orig, dbapi2.IntegrityError)
    assert len(do(lambda tx: tx.rows())) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.sampled_from("abc"), min_size=1, max_size=9),
    course=st.lists(st.tuples(st.sampled_from(list(Outcome)), st.booleans()), max_size=40),
)
def test_any_course_keeps_order_in_each_key(
    do: Callable, clock: StillClock, keys: list[str], course: list[tuple[Outcome, bool]]
) -> None:
    ids = enqueue(do, *(operation(clock, key) for key in keys))
    key_of = dict(zip(ids, keys, strict=True))
    ended: list[str] = []
    steps = iter(course)
    while len(ended) < len(ids):
        batch = leased(do)
        assert len({key_of[op_id] for op_id in batch}) == len(batch)
        for op_id in batch:
            outcome, clock_moves = next(steps, (Outcome.APPLIED, True))
            settle(do, op_id, outcome, next_try_in=1.0)
            if outcome is not Outcome.RETRY:
                ended.append(op_id)
            assert do(lambda tx: tx.summary()).pending == len(ids) - len(ended)
            clock.pass_by(0.7 if clock_moves else 0.0)
        clock.pass_by(2)
    for key in set(keys):
        assert [op_id for op_id in ended if key_of[op_id] == key] == [o for o in ids if key_of[o] == key]


def test_what_waits_of_a_person_is_found_by_number_and_by_card(do: Callable, clock: StillClock) -> None:
    assert do(lambda tx: tx.waiting_for(CITIZEN_NUMBER, "card-1")) == ()
    person = do(lambda tx: tx.person_ref(CITIZEN_NUMBER, "card-1"))
    other = do(lambda tx: tx.person_ref(None, "card-2"))
    wanted = [operation(clock, key) for key in (person, other, person)]
    first, _others, second = enqueue(do, *wanted)
    for number, card in ((CITIZEN_NUMBER, "card-1"), (None, "card-1"), (CITIZEN_NUMBER, "card-9")):
        assert [waits.op_id for waits in do(lambda tx, n=number, c=card: tx.waiting_for(n, c))] == [first, second]
    do(lambda tx: tx.lease(PROVINCE))
    assert len(do(lambda tx: tx.waiting_for(CITIZEN_NUMBER, "card-1"))) == 2
    settle(do, first, Outcome.APPLIED)
    (left,) = do(lambda tx: tx.waiting_for(CITIZEN_NUMBER, "card-1"))
    assert (left.op_id, left.kind, left.acceptance_no) == (second, wanted[2].kind, wanted[2].acceptance_no)
    assert do(lambda tx: tx.waiting_for(None, "card-3")) == ()
