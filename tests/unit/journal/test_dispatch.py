"""Rounds of delivery: batches, outcomes, outages, poison, and operations that have grown old."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from app.domain.operation import DeliveryState, Destination, Operation, OperationKind, Outcome
from app.domain.refusal import Refusal
from app.journal import fault_point, limits
from app.journal.dispatch import Dispatcher, Watchers
from app.journal.journal import Journal
from app.journal.outbox_values import OutboxSummary
from app.province.port import Away, ItemAnswer, UploadBatch, UploadItem
from tests.unit.journal.scenery import StillClock, ToldProvince, applied, operation

PROVINCE = Destination.PROVINCE
AWAY = Away(Refusal("PROVINCE-AWAY"))


@dataclass
class Heard:
    """What the watchers heard."""

    settled: list[tuple[str, str, str | None]] = field(default_factory=list)
    contact: list[bool] = field(default_factory=list)
    summaries: list[OutboxSummary] = field(default_factory=list)

    def watchers(self) -> Watchers:
        return Watchers(lambda *told: self.settled.append(told), self.summaries.append, self.contact.append)


@dataclass
class Bench:
    """A journal, a province and a dispatcher; jitter always takes the longest wait."""

    journal: Journal
    clock: StillClock
    province: ToldProvince
    heard: Heard
    dispatcher: Dispatcher

    def enqueue(self, *operations: Operation) -> list[str]:
        for wanted in operations:
            self.journal.run(lambda tx, w=wanted: tx.enqueue(w, (PROVINCE,))).result()
        return [wanted.op_id for wanted in operations]

    def states(self) -> dict[str, str]:
        return {row.op_id: row.state.value for row in self.journal.run(lambda tx: tx.rows()).result()}

    def waits(self) -> dict[str, tuple[str | None, float | None]]:
        """Return the reason and the wait of what is queued."""
        rows = self.journal.run(lambda tx: tx.rows([DeliveryState.QUEUED])).result()
        return {row.op_id: (row.reason, row.next_try_in_s) for row in rows}

    def told(self, op_id: str) -> list[tuple[str, str, str, Mapping[str, str]]]:
        """Return what the audit chain has of an operation."""
        found = self.journal.run(lambda tx: tx.history(op_id)).result()
        return [(row.event, row.actor, row.result, row.detail) for row in found.history]

    def reboot(self) -> None:
        self.clock.reboot()
        self.dispatcher = Dispatcher(
            self.journal, self.province, self.clock, "device-3", limits.load(), self.heard.watchers()
        )

    def rounds(self, count: int) -> None:
        for _ in range(count):
            self.clock.pass_by(self.dispatcher.round())


@pytest.fixture
def bench(journal: Journal, clock: StillClock) -> Bench:
    province, heard = ToldProvince(), Heard()
    dispatcher = Dispatcher(
        journal, province, clock, "device-3", limits.load(), heard.watchers(), lambda _low, high: high
    )
    return Bench(journal, clock, province, heard, dispatcher)


def test_everything_due_goes_in_one_batch(bench: Bench) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(5)))
    assert bench.dispatcher.round() == 30.0
    assert bench.province.uploads == [ids]
    assert bench.heard.settled == [(op_id, "applied", None) for op_id in ids]
    assert bench.heard.contact == [True]
    assert bench.heard.summaries[-1] == OutboxSummary(0, 0.0, 0)
    assert bench.journal.run(lambda tx: tx.verify()).result().rows == 5


def test_batches_follow_at_once(bench: Bench) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(130)))
    assert bench.dispatcher.round() == 0.0
    assert bench.dispatcher.round() == 30.0
    assert bench.province.uploads == [ids[:100], ids[100:]]


def test_the_next_batch_is_leased_while_the_province_has_the_first(bench: Bench) -> None:
    """A person's second operation is not in it: the first has no answer yet."""
    sending: list[int] = []

    def answer(item: UploadItem) -> ItemAnswer:
        sending.append(list(bench.states().values()).count("sending"))
        return applied(item)

    bench.province.answer = answer
    first = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(100)))
    second = bench.enqueue(operation(bench.clock, "p0"), *(operation(bench.clock, f"q{n}") for n in range(30)))
    assert bench.dispatcher.round() == 0.0
    assert bench.province.uploads == [first]
    assert max(sending) == 130
    bench.rounds(2)
    assert bench.province.uploads == [first, second[1:], second[:1]]
    assert bench.heard.settled == [(op_id, "applied", None) for op_id in (*first, *second[1:], *second[:1])]
    assert [summary.pending for summary in bench.heard.summaries] == [31, 1, 0]


@pytest.mark.parametrize("goes", ["away", "stops"])
def test_what_was_leased_ahead_is_given_back(bench: Bench, goes: str) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(130)))
    if goes == "away":
        bench.province.away = [AWAY]
    bench.dispatcher.round()
    bench.dispatcher.rest()
    left = dict.fromkeys(ids if goes == "away" else ids[100:], "queued")
    assert bench.states() == dict.fromkeys(ids, "applied") | left
    assert {wait for op_id, wait in bench.waits().items() if op_id in ids[100:]} == {(None, 0.0)}
    assert len(bench.heard.settled) == 130 - len(left)
    bench.rounds(10)
    assert set(bench.states().values()) == {"applied"}
    late = [op_id for batch in bench.province.uploads for op_id in batch if op_id in ids[100:]]
    assert sorted(late) == sorted(ids[100:])


@pytest.mark.parametrize(("changes", "sizes"), [({"batch_rows": 2}, [2, 1]), ({"batch_bytes": 1}, [1, 1, 1])])
def test_batches_are_as_large_as_the_table_says(bench: Bench, changes: Mapping[str, int], sizes: list[int]) -> None:
    bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(3)))
    bench.dispatcher._limits = replace(limits.load(), **changes)
    bench.rounds(len(sizes))
    assert [len(batch) for batch in bench.province.uploads] == sizes


def test_a_batch_is_held_for_as_long_as_the_table_says(bench: Bench) -> None:
    held: list[float | None] = []

    def answer(item: UploadItem) -> ItemAnswer:
        held.append(bench.journal.run(lambda tx: tx.next_due_in(PROVINCE)).result())
        return applied(item)

    bench.province.answer = answer
    bench.dispatcher._limits = replace(limits.load(), lease_s=7.0)
    bench.enqueue(operation(bench.clock))
    bench.dispatcher.round()
    assert held == [7.0]


def test_a_batch_says_whose_it_is(bench: Bench) -> None:
    batches: list[UploadBatch] = []
    real = bench.province.upload
    bench.province.upload = lambda batch: [batches.append(batch), real(batch)][1]
    bench.enqueue(operation(bench.clock))
    bench.dispatcher.round()
    assert [(batch.device, batch.incarnation) for batch in batches] == [("device-3", bench.journal.incarnation)]


def test_a_round_says_whether_the_province_answered_an_upload(bench: Bench) -> None:
    assert bench.dispatcher.uploaded is False
    bench.enqueue(operation(bench.clock))
    bench.dispatcher.round()
    assert bench.dispatcher.uploaded is True
    bench.dispatcher.round()
    assert bench.dispatcher.uploaded is False
    bench.enqueue(operation(bench.clock))
    bench.province.away = [AWAY]
    bench.dispatcher.round()
    assert bench.dispatcher.uploaded is False


def test_item_carries_what_was_written(bench: Bench) -> None:
    seen: list[UploadItem] = []
    bench.province.answer = lambda item: seen.append(item) or applied(item)
    wanted = operation(bench.clock, note="挂失")
    bench.enqueue(wanted)
    bench.dispatcher.round()
    (item,) = seen
    assert (item.op_id, item.kind, item.order_key, item.payload) == (
        wanted.op_id,
        "temporary_loss",
        wanted.order_key,
        wanted.payload,
    )
    assert (item.device_seq, item.base_version, item.occurred_at, item.schema_ver) == (1, 3, wanted.occurred.wall, 1)
    assert len(item.payload_sm3) == 64


def test_four_outcomes_in_one_batch(bench: Bench) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(4)))
    told = dict(zip(ids, Outcome, strict=True))
    bench.province.answer = lambda item: ItemAnswer(item.op_id, told[item.op_id], "CARD-SEALED", "卡未启用")
    bench.dispatcher.round()
    assert {task.message for task in bench.journal.run(lambda tx: tx.tasks()).result()} == {"卡未启用"}
    assert bench.states() == dict(zip(ids, ("applied", "queued", "rejected", "conflict"), strict=True))
    assert sorted(state for _op, state, _reason in bench.heard.settled) == ["applied", "conflict", "rejected"]
    assert {task.op_id for task in bench.journal.run(lambda tx: tx.tasks()).result()} == set(ids[2:])
    bench.province.answer = applied
    bench.rounds(2)
    assert bench.states()[ids[1]] == "applied"


def test_what_became_of_each_is_told_in_the_chain(bench: Bench) -> None:
    taken, again, refused = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(3)))
    answers = {
        taken: ItemAnswer(taken, Outcome.APPLIED),
        again: ItemAnswer(again, Outcome.RETRY, "PROVINCE-BUSY"),
        refused: ItemAnswer(refused, Outcome.REJECTED, "CARD-SEALED"),
    }
    bench.province.answer = lambda item: answers[item.op_id]
    bench.dispatcher.round()
    assert bench.told(taken) == [("delivery.settled", "sender", "applied", {"reason": ""})]
    assert bench.told(again) == []
    assert bench.told(refused) == [("delivery.settled", "sender", "rejected", {"reason": "CARD-SEALED"})]
    assert bench.heard.settled == [(taken, "applied", None), (refused, "rejected", "CARD-SEALED")]


def test_when_it_took_effect_is_kept(bench: Bench, raw: Callable) -> None:
    bench.enqueue(operation(bench.clock))
    bench.dispatcher.round()
    assert raw().execute("SELECT effect_at FROM delivery").fetchall() == [("2026-11-22T09:00:01.000000+00:00",)]


def test_what_is_to_be_tried_again_waits_longer_each_time(bench: Bench) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.province.answer = lambda item: ItemAnswer(item.op_id, Outcome.RETRY, "PROVINCE-BUSY")
    for wait in (1.0, 2.0, 4.0, 8.0):
        assert bench.dispatcher.round() == wait
        assert bench.waits() == {op_id: ("PROVINCE-BUSY", wait)}
        bench.clock.pass_by(wait)


def test_missing_answer_is_tried_again(bench: Bench) -> None:
    first, second = bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.province.answer = lambda item: None if item.op_id == first else applied(item)
    bench.dispatcher.round()
    row = bench.journal.run(lambda tx: tx.rows()).result()[0]
    assert (row.op_id, row.state, row.reason) == (first, DeliveryState.QUEUED, "PROVINCE-NONSENSE")
    assert bench.states()[second] == "applied"


def test_answers_for_strangers_are_ignored(bench: Bench) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.province.answer = lambda item: replace(applied(item), op_id="somebody-else")
    bench.dispatcher.round()
    assert bench.states() == {op_id: "queued"}


def test_outage_waits_longer_each_time_and_probes_once(bench: Bench) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(3)))
    bench.province.away = [AWAY]
    bench.province.probes = [Refusal("PROVINCE-AWAY")] * 11
    waits, started = [], bench.clock.seconds
    while bench.province.probed < 11:
        bench.clock.pass_by(bench.dispatcher.round())
        if bench.heard.contact != [False]:
            break
        waits.append(round(bench.dispatcher._closed_until - started))
    assert bench.heard.contact == [False]
    assert bench.province.uploads == [ids]
    assert sorted(set(waits))[:5] == [1, 3, 7, 15, 31]
    last = sorted(set(waits))
    assert last[-1] - last[-2] == 300
    bench.rounds(14)
    assert bench.heard.contact == [False, True]
    assert bench.province.uploads[1:] == [ids[:1], ids[1:]]
    assert set(bench.states().values()) == {"applied"}


def test_what_met_an_outage_waits_with_the_door_only(bench: Bench) -> None:
    ids = bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.province.away = [AWAY]
    assert bench.dispatcher.round() == 1.0
    assert bench.waits() == dict.fromkeys(ids, ("PROVINCE-AWAY", 0.0))
    assert bench.dispatcher.round() == 1.0
    assert (bench.province.uploads, bench.province.probed) == ([ids], 0)


def test_an_outage_without_a_word_may_be_waited_for_not_at_all(bench: Bench) -> None:
    bench.dispatcher._jitter = lambda low, _high: low
    bench.enqueue(operation(bench.clock))
    bench.province.away = [AWAY]
    assert bench.dispatcher.round() == 0.0


def test_after_an_outage_the_least_tried_goes_first(bench: Bench) -> None:
    (tried,) = bench.enqueue(operation(bench.clock, "a"))
    bench.province.away = [AWAY]
    bench.rounds(1)
    (fresh,) = bench.enqueue(operation(bench.clock, "b"))
    bench.rounds(2)
    assert bench.province.uploads == [[tried], [fresh], [tried]]


def test_outage_does_not_count_tries(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.province.away = [AWAY]
    bench.province.probes = [Refusal("PROVINCE-AWAY")] * 50
    bench.rounds(60)
    assert [row.attempts for row in bench.journal.run(lambda tx: tx.rows()).result()] == [1, 1]


@pytest.mark.parametrize(("asked", "kept"), [(45.0, 75.0), (12.0, 24.0), (0.1, 1.0), (90_000.0, 3630.0)])
def test_retry_after_is_honoured_and_spread(bench: Bench, asked: float, kept: float) -> None:
    bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.province.away = [Away(Refusal("PROVINCE-BUSY"), asked)]
    started = bench.clock.seconds
    while len(bench.province.uploads) < 2:
        bench.rounds(1)
    assert bench.clock.seconds - started == pytest.approx(kept, abs=0.01)


def test_nobody_comes_back_before_the_province_said(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.dispatcher._jitter = lambda low, _high: low
    bench.province.away = [Away(Refusal("PROVINCE-BUSY"), 45.0)]
    started = bench.clock.seconds
    while len(bench.province.uploads) < 2:
        bench.rounds(1)
    assert bench.clock.seconds - started == pytest.approx(45.0, abs=0.01)


def test_after_an_outage_it_is_one_then_twice_as_many_with_each_that_is_taken(bench: Bench) -> None:
    bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(250)))
    bench.province.away = [AWAY]
    bench.province.probes = [Refusal("PROVINCE-AWAY")] * 8
    bench.rounds(40)
    assert [len(batch) for batch in bench.province.uploads][1:] == [1, 2, 4, 8, 16, 32, 64, 100, 23]


def test_a_busy_province_is_asked_for_less_and_its_answer_is_nothing_against_the_operation(bench: Bench) -> None:
    bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(250)))
    bench.province.away = [Away(Refusal("PROVINCE-BUSY"), 5.0), Away(Refusal("PROVINCE-BUSY"), 5.0)]
    bench.rounds(12)
    sizes = [len(batch) for batch in bench.province.uploads]
    assert sizes[:10] == [100, *[1] * 7, 2, 2]
    assert bench.dispatcher._travel_alone == set()


@pytest.mark.parametrize(("facts", "kept"), [("45", 76.0), ("soon", 3.0)])
def test_probe_that_is_told_when_to_come_back_comes_back_then(bench: Bench, facts: str, kept: float) -> None:
    bench.enqueue(operation(bench.clock, "a"))
    bench.province.away = [AWAY]
    bench.province.probes = [Refusal.of("PROVINCE-BUSY", retry_after=facts)]
    started = bench.clock.seconds
    while True:
        wait = bench.dispatcher.round()
        if len(bench.province.uploads) == 2:
            break
        bench.clock.pass_by(wait)
    assert bench.clock.seconds - started == kept


def test_person_who_wants_it_now_gets_it_now(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock))
    bench.province.away = [Away(Refusal("PROVINCE-BUSY"), 3600.0)]
    bench.dispatcher.round()
    assert bench.dispatcher.round() == 30.0
    bench.dispatcher.make_due()
    bench.dispatcher.round()
    assert set(bench.states().values()) == {"applied"}


def test_poison_does_not_stop_its_neighbours(bench: Bench) -> None:
    """One operation makes the province answer 500 for its whole batch, always."""
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(30)))
    poison = ids[0]
    real = bench.province.upload

    def choking(batch):
        if any(item.op_id == poison for item in batch.items):
            bench.province.uploads.append([item.op_id for item in batch.items])
            return AWAY
        return real(batch)

    bench.province.upload = choking
    started = bench.clock.seconds
    while list(bench.states().values()).count("applied") < 29:
        bench.rounds(1)
        assert bench.clock.seconds - started < 30
    later = bench.enqueue(*(operation(bench.clock, f"q{n}") for n in range(5)))
    bench.clock.pass_by(400)
    bench.rounds(8)
    assert all(bench.states()[op_id] == "applied" for op_id in later)
    assert [poison] in bench.province.uploads
    bench.province.upload = real
    bench.clock.pass_by(400)
    bench.rounds(3)
    assert bench.states()[poison] == "applied"


BROKEN = Away(Refusal("PROVINCE-BUSY"))


def choke_on(bench: Bench, poison: Callable[[], set[str]], answer: Away = BROKEN) -> None:
    """Answer every batch that holds one of them with an error for the whole of it."""
    real = bench.province.upload

    def upload(batch):
        if any(item.op_id in poison() for item in batch.items):
            bench.province.uploads.append([item.op_id for item in batch.items])
            return answer
        return real(batch)

    bench.province.upload = upload


@pytest.mark.parametrize("code", ["PROVINCE-BUSY", "PROVINCE-REFUSED", "PROVINCE-NONSENSE"])
@pytest.mark.parametrize("place", [0, 37, 99])
def test_one_that_spoils_a_batch_is_found_in_the_same_round(bench: Bench, code: str, place: int) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(100)))
    choke_on(bench, lambda: {ids[place]}, Away(Refusal(code)))
    bench.dispatcher.round()
    assert [op_id for op_id, state in bench.states().items() if state == "queued"] == [ids[place]]
    assert len(bench.province.uploads) <= 1 + 2 * 7
    assert bench.province.probed == 1
    row = bench.journal.run(lambda tx: tx.rows()).result()[0]
    assert (row.op_id, row.reason, row.attempts) == (ids[place], code, 1)
    assert row.next_try_in_s == 1.0
    assert False not in bench.heard.contact


def test_one_that_fails_alone_is_given_to_a_person_and_tried_on(bench: Bench) -> None:
    poison, later = bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "a"))
    bad = {poison}
    choke_on(bench, lambda: bad)
    others = 0
    while not bench.journal.run(lambda tx: tx.tasks()).result():
        others += 1
        bench.enqueue(operation(bench.clock, f"p{others}"))
        bench.rounds(1)
        assert others < 20
    (task,) = bench.journal.run(lambda tx: tx.tasks()).result()
    assert (task.op_id, task.reason, task.next_action) == (poison, "PROVINCE-BUSY", "TASK-STUCK")
    assert bench.told(poison) == [("delivery.stuck", "sender", "told", {"reason": "PROVINCE-BUSY"})]
    assert bench.states()[poison] == bench.states()[later] == "queued"
    assert sum(state == "applied" for state in bench.states().values()) >= others - 1
    assert bench.journal.run(lambda tx: tx.rows()).result()[0].attempts == limits.load().alone_tries
    bench.journal.run(lambda tx: tx.close_task(poison, "0317", "")).result()
    bench.clock.pass_by(400)
    bench.rounds(3)
    assert bench.journal.run(lambda tx: tx.tasks()).result() == ()
    bad.clear()
    bench.clock.pass_by(400)
    bench.rounds(3)
    assert (bench.states()[poison], bench.states()[later]) == ("applied", "applied")


@pytest.mark.parametrize(
    ("outcome", "left"),
    [(Outcome.APPLIED, []), (Outcome.REJECTED, ["TASK-REJECTED"]), (Outcome.CONFLICT, ["TASK-CONFLICT"])],
)
def test_the_task_of_one_that_was_stuck_becomes_what_the_province_says(
    bench: Bench, outcome: Outcome, left: list[str]
) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock, "a"))
    bad = {op_id}
    choke_on(bench, lambda: bad)
    while not bench.journal.run(lambda tx: tx.tasks()).result():
        bench.rounds(1)
    bad.clear()
    bench.province.answer = lambda item: ItemAnswer(item.op_id, outcome, "CARD-SEALED")
    bench.dispatcher.make_due()
    bench.rounds(1)
    assert [task.next_action for task in bench.journal.run(lambda tx: tx.tasks()).result()] == left


def test_a_province_that_takes_nothing_is_left_in_peace(bench: Bench) -> None:
    """Its clock answers and its uploads do not: no storm of halves, and nobody is blamed."""
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(100)))
    broken = [True]
    choke_on(bench, lambda: set(ids) if broken else set())
    bench.dispatcher.round()
    assert len(bench.province.uploads) == 12
    assert bench.heard.contact == [False]
    for _ in range(30):
        bench.rounds(1)
    assert bench.clock.seconds > 1100
    assert len(bench.province.uploads) < 12 + 12
    assert bench.journal.run(lambda tx: tx.tasks()).result() == ()
    broken.clear()
    bench.clock.pass_by(400)
    bench.rounds(30)
    assert set(bench.states().values()) == {"applied"}


def test_uploads_in_vain_are_counted_from_the_last_answer(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock, "before"))
    bench.dispatcher.round()
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(100)))
    choke_on(bench, lambda: set(ids))
    bench.dispatcher.round()
    assert len(bench.province.uploads) == 1 + 12


def test_one_that_failed_alone_and_was_answered_travels_with_the_others_again(bench: Bench) -> None:
    lonely, other = bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bad = {lonely}
    choke_on(bench, lambda: bad)
    bench.province.answer = lambda item: ItemAnswer(item.op_id, Outcome.RETRY, "PROVINCE-BUSY")
    bench.rounds(1)
    bad.clear()
    bench.clock.pass_by(60)
    bench.dispatcher.round()
    bench.clock.pass_by(60)
    bench.dispatcher.round()
    assert bench.province.uploads[-3:] == [[other], [lonely], [lonely, other]]


def test_a_province_that_asks_for_peace_is_not_sent_halves(bench: Bench) -> None:
    bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(50)))
    bench.province.away = [Away(Refusal("PROVINCE-BUSY"), 20.0)]
    bench.dispatcher.round()
    assert len(bench.province.uploads) == 1
    assert bench.province.probed == 0


def test_an_outage_in_the_midst_of_halving_puts_everything_back(bench: Bench) -> None:
    ids = bench.enqueue(*(operation(bench.clock, f"p{n}") for n in range(16)))
    bench.province.away = [BROKEN, None, BROKEN, AWAY]
    bench.dispatcher.round()
    assert [len(batch) for batch in bench.province.uploads] == [16, 8, 8, 4]
    assert bench.heard.contact == [True, False]
    bench.rounds(20)
    assert bench.states() == dict.fromkeys(ids, "applied")


def test_what_is_left_of_a_round_that_met_an_outage_is_put_back(bench: Bench) -> None:
    suspect, other = bench.enqueue(operation(bench.clock, "a"), operation(bench.clock, "b"))
    bench.dispatcher._travel_alone.add(suspect)
    bench.province.away = [AWAY]
    bench.dispatcher.round()
    assert bench.province.uploads == [[other]]
    assert set(bench.states().values()) == {"queued"}
    bench.rounds(5)
    assert set(bench.states().values()) == {"applied"}


def test_old_loss_goes_to_a_person_and_is_never_sent(bench: Bench) -> None:
    old, other = bench.enqueue(
        operation(bench.clock, "a"), operation(bench.clock, "b", OperationKind.INTAKE, note="old is fine")
    )
    bench.clock.pass_by(86_401)
    fresh = bench.enqueue(operation(bench.clock, "a"))[0]
    bench.rounds(2)
    assert bench.states() == {old: "conflict", other: "applied", fresh: "applied"}
    assert all(old not in batch for batch in bench.province.uploads)
    (task,) = bench.journal.run(lambda tx: tx.tasks()).result()
    assert (task.op_id, task.reason) == (old, "OP-TOO-OLD")
    assert (old, "conflict", "OP-TOO-OLD") in bench.heard.settled


def test_a_loss_may_be_as_old_as_the_table_says(bench: Bench) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.clock.pass_by(86_400)
    bench.rounds(1)
    assert bench.states() == {op_id: "applied"}


def test_what_was_never_sent_is_not_asked_for(bench: Bench) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.province.statuses[op_id] = Refusal("PROVINCE-AWAY")
    bench.clock.pass_by(86_401)
    bench.dispatcher.round()
    assert bench.states() == {op_id: "conflict"}


def spoil(raw: Callable, op_id: str) -> None:
    """Turn one bit of what was taken down of an operation."""
    connection = raw()
    connection.execute("DROP TRIGGER IF EXISTS operation_payload_only_sealed_anew")
    ((stored,),) = connection.execute("SELECT payload FROM operation WHERE op_id = ?", (op_id,)).fetchall()
    spoilt = bytes([*stored[:-1], stored[-1] ^ 1])
    connection.execute("UPDATE operation SET payload = ? WHERE op_id = ?", (spoilt, op_id))


def test_what_cannot_be_read_any_more_goes_to_a_person_and_holds_nobody_else(bench: Bench, raw: Callable) -> None:
    first, spoilt, behind = bench.enqueue(*(operation(bench.clock, person) for person in ("a", "b", "b")))
    spoil(raw, spoilt)
    assert {row.op_id: row.reason for row in bench.journal.run(lambda tx: tx.rows()).result()}[spoilt] == "OP-DAMAGED"
    bench.rounds(2)
    spoil(raw, first)
    assert bench.states() == {first: "applied", spoilt: "conflict", behind: "applied"}
    assert all(spoilt not in batch for batch in bench.province.uploads)
    (task,) = bench.journal.run(lambda tx: tx.tasks()).result()
    assert (task.op_id, task.reason, task.next_action) == (spoilt, "OP-DAMAGED", "TASK-SET-ASIDE")
    assert bench.heard.settled.count((spoilt, "conflict", "OP-DAMAGED")) == 1
    shown = {row.op_id: row.reason for row in bench.journal.run(lambda tx: tx.rows()).result()}
    assert shown == {first: None, spoilt: "OP-DAMAGED", behind: None}
    assert bench.told(spoilt) == [("delivery.set_aside", "sender", "conflict", {"reason": "OP-DAMAGED"})]


def test_what_was_sent_before_it_was_spoilt_is_asked_for(bench: Bench, raw: Callable) -> None:
    bench.province.away = [AWAY]
    (sent,) = bench.enqueue(operation(bench.clock, "a"))
    bench.dispatcher.round()
    spoil(raw, sent)
    bench.province.statuses = {sent: ItemAnswer(sent, Outcome.APPLIED)}
    bench.rounds(6)
    assert bench.states() == {sent: "applied"}
    assert bench.journal.run(lambda tx: tx.tasks()).result() == ()


@pytest.mark.parametrize("kind", [OperationKind.TEMPORARY_LOSS, OperationKind.RELEASE_LOSS])
def test_what_is_dated_after_now_goes_to_a_person(bench: Bench, kind: OperationKind) -> None:
    (dated,) = bench.enqueue(operation(bench.clock, "a", kind))
    bench.reboot()
    bench.clock.wall -= timedelta(days=400)
    bench.rounds(2)
    assert bench.province.uploads == []
    assert bench.states() == {dated: "conflict"}
    (task,) = bench.journal.run(lambda tx: tx.tasks()).result()
    assert (task.reason, task.next_action) == ("OP-DATED-AHEAD", "TASK-SET-ASIDE")
    assert bench.heard.settled == [(dated, "conflict", "OP-DATED-AHEAD")]


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_clock_set_back_by_what_the_table_bears_stops_nothing(bench: Bench, seconds: int) -> None:
    bench.enqueue(operation(bench.clock, "a"))
    bench.reboot()
    bench.clock.wall -= timedelta(seconds=seconds)
    bench.rounds(1)
    assert set(bench.states().values()) == {"applied"}


def test_what_is_sent_tells_its_age(bench: Bench) -> None:
    sent: list[UploadItem] = []
    bench.province.answer = lambda item: (sent.append(item), applied(item))[1]
    bench.enqueue(operation(bench.clock, "a"))
    bench.clock.seconds += 90.1234
    bench.rounds(1)
    assert [(item.age_s, item.base_version) for item in sent] == [(90.123, 3)]


def test_an_intake_waits_for_ever_whatever_its_date(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock, "a", OperationKind.INTAKE))
    bench.clock.wall -= timedelta(days=400)
    bench.rounds(1)
    assert set(bench.states().values()) == {"applied"}


@pytest.mark.parametrize(("wall_s", "counted_s"), [(86_401, 60), (60, 86_401)])
def test_the_older_of_both_clocks_counts(bench: Bench, wall_s: float, counted_s: float) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock, "a"))
    bench.clock.wall += timedelta(seconds=wall_s)
    bench.clock.seconds += counted_s
    bench.rounds(1)
    assert bench.states() == {op_id: "conflict"}


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (None, "conflict", "OP-TOO-OLD"),
        (Outcome.APPLIED, "applied", None),
        (Outcome.REJECTED, "rejected", None),
        (Refusal("PROVINCE-AWAY"), "queued", "PROVINCE-AWAY"),
    ],
)
def test_old_loss_whose_answer_was_lost_is_asked_for(
    bench: Bench, status: object, state: str, reason: str | None
) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.province.answer = lambda _item: None
    bench.dispatcher.round()
    bench.clock.pass_by(86_401)
    if isinstance(status, Outcome):
        bench.province.statuses[op_id] = ItemAnswer(op_id, status)
    elif isinstance(status, Refusal):
        bench.province.statuses[op_id] = status
    bench.dispatcher.round()
    assert bench.states() == {op_id: state}
    assert [row.reason for row in bench.journal.run(lambda tx: tx.rows()).result()] == [reason]
    assert len(bench.province.uploads) == 1


def test_probe_that_finds_nothing_to_send_still_says_that_the_province_is_back(bench: Bench) -> None:
    (op_id,) = bench.enqueue(operation(bench.clock))
    bench.province.away = [AWAY]
    bench.dispatcher.round()
    bench.journal.run(lambda tx: tx.settle(op_id, PROVINCE, Outcome.APPLIED)).result()
    bench.rounds(3)
    assert bench.heard.contact == [False, True]


def test_idle_round_touches_nobody(bench: Bench) -> None:
    assert bench.dispatcher.round() == 30.0
    assert (bench.province.uploads, bench.province.probed, bench.heard.contact) == ([], 0, [])


def test_watchers_may_be_left_out(journal: Journal, clock: StillClock) -> None:
    dispatcher = Dispatcher(journal, ToldProvince(), clock, "device-3", limits.load())
    wanted = operation(clock)
    journal.run(lambda tx: tx.enqueue(wanted, (PROVINCE,))).result()
    dispatcher.round()
    assert journal.run(lambda tx: tx.summary()).result().pending == 0


@pytest.fixture
def half_jitter(bench: Bench) -> Callable[[float, float], float]:
    return lambda low, high: (low + high) / 2


def test_back_off_is_random_between_zero_and_the_longest(bench: Bench, half_jitter: Callable) -> None:
    asked: list[tuple[float, float]] = []
    bench.dispatcher._jitter = lambda low, high: asked.append((low, high)) or half_jitter(low, high)
    assert bench.dispatcher._back_off(3) == 4.0
    assert bench.dispatcher._back_off(5000) == 150.0
    assert asked == [(0.0, 8.0), (0.0, 300.0)]


def one_more(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock))


def an_outage(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock))
    bench.province.away = [AWAY]


def one_that_is_old(bench: Bench) -> None:
    bench.enqueue(operation(bench.clock))
    bench.clock.pass_by(86_401)


def one_that_failed_alone_twice(bench: Bench) -> None:
    ids = bench.enqueue(operation(bench.clock))
    choke_on(bench, lambda: set(ids))
    bench.rounds(2)
    bench.province.uploads.clear()


@pytest.mark.parametrize(
    ("before", "point", "uploads", "settled"),
    [
        (one_more, "before_commit@lease", 0, 0),
        (one_more, "after_lease", 0, 0),
        (one_more, "before_upload", 0, 0),
        (one_more, "after_upload", 1, 0),
        (one_more, "before_commit@settle", 1, 0),
        (one_more, "after_settle", 1, 1),
        (an_outage, "after_commit@put_back", 1, 0),
        (one_that_is_old, "after_commit@set_aside", 0, 0),
        (one_that_failed_alone_twice, "after_commit@stuck", 1, 0),
    ],
)
def test_a_round_passes_each_point_at_which_the_power_may_go(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[Bench], None],
    point: str,
    uploads: int,
    settled: int,
) -> None:
    passed: list[tuple[int, int]] = []
    before(bench)
    monkeypatch.setattr(
        os, "kill", lambda _pid, _sign: passed.append((len(bench.province.uploads), len(bench.heard.settled)))
    )
    monkeypatch.setattr(fault_point, "_hits", Counter())
    monkeypatch.setenv(fault_point.FAULT_VARIABLE, point)
    bench.dispatcher.round()
    assert passed == [(uploads, settled)]
