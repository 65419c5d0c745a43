"""One round of delivery: lease, judge the age, upload, write what became of each (reliability.md 1.2 rules 6-8).

In full flow the journal works while the province does: during an upload one transaction writes what became of the batch
before, and leases the one after.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import Clock
from app.domain.operation import Destination, Outcome
from app.domain.refusal import Refusal
from app.journal.audit_chain import Entry
from app.journal.delivery_outcomes import Told
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.limits import OutboxLimits
from app.journal.outbox import ROW_DAMAGED
from app.journal.outbox_values import LeasedDelivery, OutboxSummary
from app.journal.transaction import Transaction
from app.province.port import Away, ItemAnswer, Province, UploadBatch, UploadItem

ACTOR = "sender"
TOO_OLD = "OP-TOO-OLD"
DATED_AHEAD = "OP-DATED-AHEAD"
NO_ANSWER = "PROVINCE-NONSENSE"
_MAY_BE_ONE = frozenset({"PROVINCE-BUSY", "PROVINCE-REFUSED", "PROVINCE-NONSENSE"})
"""Answers that a whole batch may get for the sake of one operation in it."""
_MISSES = 12
"""So many uploads in a row without an answer, and it is not one operation: halving 100 down to one takes eight."""


@dataclass(frozen=True)
class Watchers:
    """Who is told, on the thread that delivers. `on_settled` gets op_id, delivery state and reason."""

    on_settled: Callable[[str, str, str | None], None] = lambda _op_id, _state, _reason: None
    on_summary: Callable[[OutboxSummary], None] = lambda _summary: None
    on_contact: Callable[[bool], None] = lambda _online: None
    """The province came (True) or went (False); only when that changes."""
    on_trouble: Callable[[Refusal], None] = lambda _refusal: None
    """The journal could not be written, or the sender stopped by a defect."""


@dataclass(frozen=True)
class _Answered:
    """A batch and what became of each; an item without an answer is tried again."""

    batch: Sequence[LeasedDelivery]
    answers: Mapping[str, ItemAnswer]


@dataclass(frozen=True)
class _Written:
    """What one transaction wrote of an answered batch, and what it leased for the next."""

    ended: Sequence[Told] = ()
    summary: OutboxSummary | None = None
    leased: tuple[LeasedDelivery, ...] = ()


class Dispatcher:
    """Delivers to one destination; used by one thread. Raises JournalRefused when the journal cannot be written."""

    def __init__(
        self,
        journal: Journal,
        province: Province,
        clock: Clock,
        device: str,
        limits: OutboxLimits,
        watchers: Watchers | None = None,
        jitter: Callable[[float, float], float] = random.uniform,
        destination: Destination = Destination.PROVINCE,
    ) -> None:
        self._journal = journal
        self._province = province
        self._clock = clock
        self._device = device
        self._limits = limits
        self._watchers = watchers or Watchers()
        self._jitter = jitter
        self._destination = destination
        self._failures = 0
        self._closed_until = clock.monotonic()
        self._online: bool | None = None
        self._rows = limits.batch_rows
        self._calm, self._calm_needed = 0, 1
        self._misses = 0
        self._travel_alone: set[str] = set()
        self._failed_alone: Counter[str] = Counter()
        self._ahead: tuple[LeasedDelivery, ...] = ()
        self._unwritten: _Answered | None = None
        self._writing: Future[_Written] | None = None
        self.uploaded = False
        """Whether the province answered an upload in the last round."""

    def round(self) -> float:
        """Deliver one batch and return the seconds until the next round; 0 when more can be sent now.

        After an outage one probe goes first and then one single operation. How many follow is halved with each failure
        and doubled with each upload that is taken; a province that was busy gets single operations, and twice as many
        after some that it took: it is not flooded by all its counters at once, and refuses few.
        """
        self.uploaded = False
        wait = self._closed_until - self._clock.monotonic()
        if wait > 0:
            return min(wait, self._limits.idle_poll_s)
        if self._failures:
            probe = self._province.clock()
            if isinstance(probe, Refusal):
                self._went_away(_retry_after(probe))
                return self._next_round_in()
        leased = self._leased()
        fresh = []
        for delivery in leased:
            doubt = self._doubt(delivery)
            if doubt is None:
                fresh.append(delivery)
            else:
                self._give_to_person(delivery, doubt)
        self._deliver(fresh, full=len(leased) >= self._limits.batch_rows)
        if self._failures and not leased:
            self._came_back()
        if self._ahead and not self._failures:
            return 0.0
        self.rest()
        return self._next_round_in()

    def rest(self) -> None:
        """Give back what was leased ahead, and write what was answered last; rounds may go on after it."""
        if self._unwritten is not None:
            self._begin_writing(lease=False)
        self._end_writing()
        if self._ahead:
            self._put_back(self._ahead, None)
            self._ahead = ()

    def make_due(self) -> None:
        """Forget every wait: a person wants it tried now."""
        self._closed_until = self._clock.monotonic()
        self._journal.run(lambda tx: tx.make_due_now()).result()

    def _leased(self) -> tuple[LeasedDelivery, ...]:
        if not self._ahead:
            self._begin_writing(lease=True)
            self._end_writing()
        leased, self._ahead = self._ahead, ()
        if leased:
            fault_point("after_lease")
        return leased

    def _begin_writing(self, lease: bool) -> None:
        """Have written what was answered, and the next batch leased, in one transaction."""
        answered, self._unwritten = self._unwritten, None
        # After an outage one goes ahead: the least tried, for the outage may be one operation's own doing.
        probing = self._failures > 0
        rows = 1 if probing else min(self._rows, self._limits.batch_rows)
        room, lease_s = self._limits.batch_bytes, self._limits.lease_s

        def work(tx: Transaction) -> _Written:
            ended = () if answered is None else self._settle(tx, answered)
            summary = None if answered is None else tx.summary()
            leased = tx.lease(self._destination, rows, room, lease_s, probing) if lease else ()
            return _Written(ended, summary, leased)

        if answered is None:
            self._writing = self._journal.run(work, label="lease")
        else:
            self._writing = self._journal.run(work, label="settle")

    def _end_writing(self) -> None:
        """Wait until it is written, and tell it."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        written = writing.result()
        self._ahead = written.leased or self._ahead
        for one in written.ended:
            self._watchers.on_settled(one.op_id, one.outcome.value, one.reason)
        if written.summary is not None:
            self._watchers.on_summary(written.summary)
            fault_point("after_settle")

    def _doubt(self, delivery: LeasedDelivery) -> str | None:
        """Return why an operation may not be sent blindly: unreadable, grown old, or nobody can tell how old it is."""
        if delivery.damaged:
            return ROW_DAMAGED
        limit = self._limits.max_age_s.get(delivery.operation.kind.value)
        if limit is None:
            return None
        if delivery.ahead_s > self._limits.ahead_s:
            return DATED_AHEAD
        return TOO_OLD if delivery.age_s > limit else None

    def _give_to_person(self, delivery: LeasedDelivery, doubt: str) -> None:
        """Set an operation aside; one that was tried before may have arrived: ask first."""
        op_id = delivery.operation.op_id
        answer = self._province.operation_status(op_id) if delivery.attempts > 1 else None
        if isinstance(answer, Refusal):
            answer = ItemAnswer(op_id, Outcome.RETRY, answer.code)
        if isinstance(answer, ItemAnswer):
            self._answered([delivery], {op_id: answer})
            return

        def work(tx: Transaction) -> None:
            if tx.set_aside(op_id, self._destination, doubt):
                tx.audit("delivery.set_aside", ACTOR, Outcome.CONFLICT.value, op_id, {"reason": doubt})

        self._journal.run(work, label="set_aside").result()
        self._watchers.on_settled(op_id, Outcome.CONFLICT.value, doubt)

    def _deliver(self, fresh: Sequence[LeasedDelivery], full: bool) -> None:
        """Upload together what has no history; what the province choked on alone travels alone.

        Behind a full batch there is probably another.
        """
        if full and fresh and not self._failures:
            self._begin_writing(lease=True)
        together = [delivery for delivery in fresh if delivery.operation.op_id not in self._travel_alone]
        alone = [[delivery] for delivery in fresh if delivery.operation.op_id in self._travel_alone]
        for batch in (*([together] if together else []), *alone):
            if self._closed_until > self._clock.monotonic():
                self._put_back(batch, None)
            else:
                self._upload(batch)

    def _upload(self, batch: Sequence[LeasedDelivery]) -> None:
        """Upload a batch; one that fails while the province is there is halved until who fails alone is found."""
        waiting = [batch]
        asked = False
        while waiting:
            part = waiting.pop()
            away = self._send(part)
            if away is None:
                continue
            if not asked:
                asked = self._may_be_one(away)
            if not asked or away.refusal.code not in _MAY_BE_ONE or self._misses >= _MISSES:
                for rest in (part, *reversed(waiting)):
                    self._put_back(rest, away.refusal.code, whole_door=away.retry_after is not None)
                self._went_away(away.retry_after)
                return
            if len(part) == 1:
                self._leave(part[0], away.refusal.code)
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]

    def _send(self, batch: Sequence[LeasedDelivery]) -> Away | None:
        """Upload once, and write what became of each; Away when the batch as a whole has no answer."""
        items = [upload_item(delivery) for delivery in batch]
        fault_point("before_upload")
        answer = self._province.upload(UploadBatch(self._device, self._journal.incarnation, items))
        fault_point("after_upload")
        if isinstance(answer, Away):
            self._end_writing()
            self._misses += 1
            return answer
        self._misses = 0
        self.uploaded = True
        for item in items:
            self._travel_alone.discard(item.op_id)
            del self._failed_alone[item.op_id]
        self._calm += 1
        if self._calm >= self._calm_needed:
            self._rows, self._calm = min(2 * self._rows, self._limits.batch_rows), 0
        if self._rows == self._limits.batch_rows:
            self._calm_needed = 1
        self._answered(batch, {item.op_id: item for item in answer})
        self._came_back()
        return None

    def _may_be_one(self, away: Away) -> bool:
        """Tell whether one operation may be why: a province that is there, and does not ask to be left in peace."""
        if away.refusal.code not in _MAY_BE_ONE or away.retry_after is not None or self._misses >= _MISSES:
            return False
        return isinstance(self._province.clock(), datetime)

    def _leave(self, delivery: LeasedDelivery, reason: str) -> None:
        """Hold back one that fails alone, and no other; after some tries a person is told."""
        op_id = delivery.operation.op_id
        self._put_back([delivery], reason)
        self._failed_alone[op_id] += 1
        if self._failed_alone[op_id] != self._limits.alone_tries:
            return

        def work(tx: Transaction) -> None:
            if tx.stuck(op_id, self._destination, reason):
                tx.audit("delivery.stuck", ACTOR, "told", op_id, {"reason": reason})

        self._journal.run(work, label="stuck").result()

    def _put_back(self, batch: Sequence[LeasedDelivery], reason: str | None, whole_door: bool = False) -> None:
        """Queue a batch again. A batch waits with the whole door; one that failed alone waits by its own count.

        A province that tells everybody when to come again says nothing against the operation.
        """
        hold = 0.0
        if len(batch) == 1 and reason is not None and not whole_door:
            self._travel_alone.add(batch[0].operation.op_id)
            hold = self._back_off(batch[0].attempts - 1)

        told = [Told(delivery.operation.op_id, Outcome.RETRY, reason, next_try_in=hold) for delivery in batch]

        def work(tx: Transaction) -> None:
            tx.settle_all(self._destination, told)

        self._journal.run(work, label="put_back").result()

    def _answered(self, batch: Sequence[LeasedDelivery], answers: Mapping[str, ItemAnswer]) -> None:
        """Take the answers on a batch, to be written with the next lease or at the round's end."""
        if self._unwritten is not None:
            self._begin_writing(lease=False)
        self._unwritten = _Answered(batch, answers)
        self._end_writing()

    def _settle(self, tx: Transaction, answered: _Answered) -> Sequence[Told]:
        """Write each item's outcome; returns those that have ended."""
        told = []
        for delivery in answered.batch:
            op_id = delivery.operation.op_id
            answer = answered.answers.get(op_id, ItemAnswer(op_id, Outcome.RETRY, NO_ANSWER))
            wait = self._back_off(delivery.attempts - 1)
            told.append(Told(op_id, answer.outcome, answer.reason, answer.message, wait, answer.effect_at))
        changed = tx.settle_all(self._destination, told)
        ended = [one for one in told if one.op_id in changed and one.outcome is not Outcome.RETRY]
        tx.audit_all([_audited(one) for one in ended])
        return ended

    def _back_off(self, failures: int) -> float:
        # Full jitter: a fixed wait would bring every counter of the province back in the same second.
        longest = self._limits.back_off_base_s * 2.0 ** min(failures, 30)
        return self._jitter(0.0, min(self._limits.back_off_cap_s, longest))

    def _went_away(self, retry_after: float | None) -> None:
        told = min(retry_after or 0.0, self._limits.retry_after_cap_s)
        if told >= self._limits.back_off_base_s:
            # All counters may have been told the same: they do not come back in the same second either.
            wait = told + self._jitter(0.0, min(told, self._limits.retry_after_spread_s))
            self._rows, self._calm_needed = 1, self._limits.calm_uploads
        else:
            wait = self._back_off(self._failures)
            self._rows = max(self._rows // 2, 1)
        self._calm = 0
        self._closed_until = self._clock.monotonic() + wait
        self._failures += 1
        self._tell_contact(False)

    def _came_back(self) -> None:
        self._failures = 0
        self._tell_contact(True)

    def _tell_contact(self, online: bool) -> None:
        if online is not self._online:
            self._online = online
            self._watchers.on_contact(online)

    def _next_round_in(self) -> float:
        due = self._journal.run(lambda tx: tx.next_due_in(self._destination)).result()
        idle = self._limits.idle_poll_s
        closed = max(self._closed_until - self._clock.monotonic(), 0.0)
        if due is None and not self._failures:
            return idle
        return min(max(due or 0.0, closed), idle)


def _audited(told: Told) -> Entry:
    return Entry("delivery.settled", ACTOR, told.outcome.value, told.op_id, {"reason": told.reason or ""})


def _retry_after(refusal: Refusal) -> float | None:
    try:
        return float(dict(refusal.facts)["retry_after"])
    except (KeyError, ValueError):
        return None


def upload_item(delivery: LeasedDelivery) -> UploadItem:
    """Return a delivery as it is sent."""
    operation = delivery.operation
    return UploadItem(
        op_id=operation.op_id,
        device_seq=delivery.device_seq,
        kind=operation.kind.value,
        order_key=operation.order_key,
        payload=operation.payload,
        payload_sm3=delivery.payload_sm3,
        schema_ver=operation.schema_ver,
        occurred_at=operation.occurred.wall,
        base_version=operation.base_version,
        age_s=round(delivery.age_s, 3),
    )
