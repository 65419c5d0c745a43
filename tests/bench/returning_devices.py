"""Many counters come back at once to a province that takes so many operations a second, in virtual time.

The journal, the dispatcher and the circuit are the program's own, one of each a counter; only time and the province are
made up. Nobody sleeps: the counter whose turn is next is run at its own time.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.clock import moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, Outcome, canonical_json
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.dispatch import Dispatcher
from app.journal.journal import Journal
from app.province.circuit import Circuit
from app.province.port import Away, ItemAnswer, UploadBatch
from app.services.contact import HEARTBEAT_S
from tests.empty_journal import open_empty

_START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATENCY_S = 0.02


@dataclass
class VirtualClock:
    """One counter's clock; moved by whoever runs the counter, and by the province's replies."""

    seconds: float = 0.0

    def now(self) -> datetime:
        """Return the wall clock."""
        return _START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return self.seconds

    def boot_id(self) -> str:
        """Return the only boot."""
        return "boot-1"


@dataclass
class Gate:
    """The province's limit: a bucket of one second's operations, filled at the rate; away until it comes back."""

    rate: float
    back_at: float
    retry_after: float
    tokens: float = 0.0
    filled_at: float = 0.0
    tried: int = 0
    taken: int = 0
    refused: int = 0
    asked: int = 0
    last_at: float = 0.0

    def admits(self, count: int, at: float) -> bool:
        """Take so many operations if there is room for all of them."""
        self.tokens = min(self.rate, self.tokens + max(at - self.filled_at, 0.0) * self.rate)
        self.filled_at = max(at, self.filled_at)
        self.tried += count
        if self.tokens < count:
            self.refused += 1
            return False
        self.tokens -= count
        self.taken += count
        self.last_at = max(self.last_at, at)
        return True


@dataclass
class Line:
    """One counter's line to the province; a reply takes its time on the counter's clock."""

    clock_: VirtualClock
    gate: Gate

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        self.clock_.seconds += LATENCY_S
        self.gate.asked += 1
        return Refusal("PROVINCE-AWAY") if self.clock_.seconds < self.gate.back_at else self.clock_.now()

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Take a batch, or say how long to stay away."""
        self.clock_.seconds += LATENCY_S
        self.gate.asked += 1
        if self.clock_.seconds < self.gate.back_at:
            return Away(Refusal("PROVINCE-AWAY"))
        if not self.gate.admits(len(batch.items), self.clock_.seconds):
            return Away(
                Refusal.of("PROVINCE-BUSY", retry_after=self.gate.retry_after), retry_after=self.gate.retry_after
            )
        at = self.clock_.now()
        return tuple(ItemAnswer(item.op_id, Outcome.APPLIED, effect_at=at) for item in batch.items)


@dataclass(frozen=True)
class Return:
    """What the return came to: virtual seconds against the least that the limit allows, and tries an operation."""

    took_s: float
    ideal_s: float
    tries: float
    requests: int

    @property
    def ratio(self) -> float:
        """Return how many times the ideal it took."""
        return self.took_s / self.ideal_s


class Counter:
    """One counter with its queue: what its sender and its contact do, each at its own virtual time."""

    def __init__(
        self, folder: Path, gate: Gate, clock: VirtualClock, each: int, jitter: Callable[[float, float], float]
    ) -> None:
        self.clock = clock
        self.journal = open_empty(folder, clock)
        _fill(self.journal, clock, each)
        self.circuit = Circuit(Line(clock, gate), clock, self._changed, jitter=jitter)  # type: ignore[arg-type]
        self.dispatcher = Dispatcher(self.journal, self.circuit, clock, folder.name, limits.load(), jitter=jitter)
        self.contact_at = self.round_at = clock.seconds
        self.busy = True

    @property
    def next_at(self) -> float:
        """Return when something is due here."""
        return min(self.contact_at, self.round_at)

    def turn(self) -> None:
        """Do what is due: the heartbeat or a probe, as `Contact` does, else a round, as `Sender` does."""
        self.clock.seconds = max(self.clock.seconds, self.next_at)
        if self.contact_at <= self.round_at:
            if self.circuit.online:
                self.circuit.clock()
            else:
                self.circuit.probe()
            probe_in = self.circuit.next_probe_in()
            self.contact_at = self.clock.seconds + (HEARTBEAT_S if probe_in is None else max(probe_in, 0.05))
            return
        self.round_at = float("inf")
        wait = self.dispatcher.round()
        self.round_at = min(self.round_at, self.clock.seconds + wait)
        self.busy = bool(self.journal.run(lambda tx: tx.summary()).result().pending)

    def _changed(self, _online: bool) -> None:
        self.dispatcher.make_due()
        self.round_at = self.clock.seconds


def run(counters: Sequence[Counter]) -> None:
    """Run counters in the order of their own times until every queue is empty."""
    turns = [(counter.next_at, place) for place, counter in enumerate(counters)]
    heapq.heapify(turns)
    while turns:
        counter = counters[heapq.heappop(turns)[1]]
        counter.turn()
        if counter.busy:
            heapq.heappush(turns, (counter.next_at, counters.index(counter)))


def come_back(
    folder: Path, devices: int, each: int, rate: float, outage_s: float, retry_after: float, seed: int
) -> Return:
    """Let so many counters with as many operations each wait through an outage, and drain them when it ends."""
    gate = Gate(rate, outage_s, retry_after, filled_at=outage_s)
    with ExitStack() as stack:
        counters = []
        for number in range(devices):
            chance = random.Random(seed * 10_000 + number)
            # Their rounds do not fall together: each was switched on at its own time.
            clock = VirtualClock(chance.uniform(0.0, 15.0))
            counter = Counter(folder / str(number), gate, clock, each, chance.uniform)
            stack.callback(counter.journal.close)
            counters.append(counter)
        run(counters)
    total = devices * each
    assert gate.taken == total
    return Return(gate.last_at - outage_s, total / rate, gate.tried / total, gate.asked)


def _fill(journal: Journal, clock: VirtualClock, count: int) -> None:
    made = [
        Operation(
            op_id=new_op_id(clock.now()),
            kind=OperationKind.INTAKE,
            order_key=f"person-{number}",
            payload=canonical_json({"note": "补办资料"}),
            occurred=moment(clock),
            clerk="0317",
            acceptance_no=f"350102-20261123-K7QF2M-{number:05d}",
            base_version=None,
        )
        for number in range(count)
    ]
    journal.run(lambda tx: [tx.enqueue(one, (Destination.PROVINCE,)) for one in made]).result()
