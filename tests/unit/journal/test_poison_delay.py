"""What rejected and poisonous operations cost the others, in time as a line on loopback takes it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from statistics import fmean, median

import pytest

from app.domain.clock import SystemClock
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, OperationKind, Outcome
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.dispatch import Dispatcher, Watchers
from app.journal.journal import Journal
from app.journal.outbox_values import Task
from app.province.port import Away, ItemAnswer
from tests.empty_journal import open_empty
from tests.unit.journal.scenery import StillClock, ToldProvince, operation

# What runs here by the thousand is measured elsewhere, where it runs once.
pytestmark = pytest.mark.no_cover

PROVINCE = Destination.PROVINCE
OPERATIONS = 2000
# As measured on loopback with the training province: a request, and each operation in it.
REQUEST_S, ITEM_S = 0.005, 0.0025
BOUND = 1.05


def drained(
    journal: Journal, clock: StillClock, rejected: set[int], poison: set[int]
) -> tuple[dict[str, float], list[str], tuple[Task, ...]]:
    """Deliver a full queue; returns each answered operation's delay, all op_ids, and the tasks."""
    made = [operation(clock, f"p{n}", OperationKind.INTAKE, note=str(n)) for n in range(OPERATIONS)]
    ids = [one.op_id for one in made]
    journal.run(lambda tx: [tx.enqueue(one, (PROVINCE,)) for one in made]).result()
    refused, choked = {ids[n] for n in rejected}, {ids[n] for n in poison}
    delays: dict[str, float] = {}
    province = ToldProvince(
        lambda item: ItemAnswer(
            item.op_id, Outcome.REJECTED if item.op_id in refused else Outcome.APPLIED, "OP-CARD-SEALED"
        )
    )
    real_upload, real_clock = province.upload, province.clock

    def upload(batch):
        clock.pass_by(REQUEST_S)
        if any(item.op_id in choked for item in batch.items):
            return Away(Refusal("PROVINCE-BUSY"))
        clock.pass_by(ITEM_S * len(batch.items))
        return real_upload(batch)

    def ask_clock():
        clock.pass_by(REQUEST_S)
        return real_clock()

    province.upload, province.clock = upload, ask_clock
    started = clock.seconds
    watchers = Watchers(lambda op_id, _state, _reason: delays.setdefault(op_id, clock.seconds - started))
    dispatcher = Dispatcher(journal, province, clock, "device-3", limits.load(), watchers)
    while len(delays) < OPERATIONS - len(poison) or clock.seconds - started < 60:
        clock.pass_by(dispatcher.round())
    return delays, ids, journal.run(lambda tx: tx.tasks()).result()


def test_one_in_a_hundred_rejected_and_one_in_a_thousand_poisonous_delay_the_others_by_five_percent_at_most(
    tmp_path,
) -> None:
    chance = random.Random(100)
    bad = chance.sample(range(OPERATIONS), OPERATIONS // 100 + OPERATIONS // 1000)
    rejected, poison = set(bad[: OPERATIONS // 100]), set(bad[OPERATIONS // 100 :])
    found = []
    for name, (refused, choked) in {"clean": (set(), set()), "bad": (rejected, poison)}.items():
        clock, folder = StillClock(), tmp_path / name
        journal = open_empty(folder, clock)
        found.append(drained(journal, clock, refused, choked))
        journal.close()
    (clean, clean_ids, none), (delays, ids, tasks) = found
    assert none == ()
    others = [n for n in range(OPERATIONS) if n not in set(bad)]
    before, after = [clean[clean_ids[n]] for n in others], [delays[ids[n]] for n in others]
    sys.stdout.write(
        f"{len(rejected)} rejected, {len(poison)} poisonous of {OPERATIONS}: the others' mean delay "
        f"{fmean(after) / fmean(before) - 1:+.1%}, median {median(after) / median(before) - 1:+.1%}, "
        f"last {max(after) / max(before) - 1:+.1%}\n"
    )
    for figure in (fmean, median, max):
        assert figure(after) <= BOUND * figure(before)
    assert {task.op_id: task.next_action for task in tasks} == {
        **{ids[n]: "TASK-REJECTED" for n in rejected},
        **{ids[n]: "TASK-STUCK" for n in poison},
    }


JUMPS = (timedelta(days=3652), timedelta(days=-3652), timedelta(hours=-1), timedelta(minutes=7))


@pytest.mark.parametrize("seed", range(3))
def test_a_clock_that_jumps_loses_nothing_and_changes_no_order(
    journal: Journal, clock: StillClock, do: Callable, seed: int
) -> None:
    """The wall clock goes ten years on or back, or an hour back, between any two steps."""
    chance = random.Random(seed)
    came: list[str] = []
    province = ToldProvince()
    real = province.upload
    province.upload = lambda batch: [came.extend(item.op_id for item in batch.items), real(batch)][1]
    dispatcher = Dispatcher(journal, province, clock, "device-3", limits.load())
    wanted: dict[str, list[str]] = {}
    kinds: dict[str, OperationKind] = {}
    for turn in range(60):
        kind = chance.choice((OperationKind.INTAKE, OperationKind.TEMPORARY_LOSS))
        made = replace(operation(clock, f"p{turn % 7}", kind), op_id=new_op_id(clock.now()))
        do(lambda tx, made=made: tx.enqueue(made, (PROVINCE,)))
        wanted.setdefault(made.order_key, []).append(made.op_id)
        kinds[made.op_id] = kind
        if chance.random() < 0.4:
            clock.wall += chance.choice(JUMPS)
        if chance.random() < 0.1:
            clock.reboot()
        if chance.random() < 0.3:
            clock.pass_by(dispatcher.round())
    while do(lambda tx: tx.summary()).pending:
        clock.pass_by(dispatcher.round())
    states = {row.op_id: row.state.value for row in do(lambda tx: tx.rows())}
    assert set(states) == set(kinds)
    given_up = {op_id for op_id, state in states.items() if state != "applied"}
    # What nobody can tell the age of is a person's, never lost; and only losses have an age that matters.
    assert given_up == {task.op_id for task in do(lambda tx: tx.tasks())}
    assert all(kinds[op_id] is OperationKind.TEMPORARY_LOSS for op_id in given_up)
    assert len(came) == len(set(came)) == len(kinds) - len(given_up)
    for ids in wanted.values():
        sent = [op_id for op_id in came if op_id in ids]
        assert sent == [op_id for op_id in ids if op_id not in given_up]


def test_two_senders_on_one_journal_are_impossible(journal: Journal, folder, key_store, clock: StillClock) -> None:
    """The file has one owner; and within it two dispatchers never hold the same row."""
    assert Journal.open(folder, key_store, SystemClock()) == Refusal("JOURNAL-BUSY")
    journal.run(lambda tx: [tx.enqueue(operation(clock, f"p{n}"), (PROVINCE,)) for n in range(250)]).result()
    first = journal.run(lambda tx: tx.lease(PROVINCE)).result()
    second = journal.run(lambda tx: tx.lease(PROVINCE)).result()
    taken = [delivery.operation.op_id for delivery in (*first, *second)]
    assert len(taken) == len(set(taken)) == 200
