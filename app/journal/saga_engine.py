"""Carries sagas through: intent, the world, evidence; after a crash the world is asked first (DESIGN.md rule 3)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from app.catalogue.sagas import SagaDefinition, Sagas, StepKey
from app.domain.refusal import Refusal
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.limits import OutboxLimits
from app.journal.saga_plan import AskTwo, Begin, End, Probe, Situation, is_way_back, next_move, patience_of
from app.journal.saga_rows import NewSaga
from app.journal.saga_values import (
    ENDS,
    Act,
    Answer,
    CannotTell,
    Happened,
    NeverHappened,
    NoAnswer,
    OnItsWay,
    Refused,
    SagaState,
    SagaView,
    StepActs,
    StepCall,
    StepRow,
    StepState,
    ToldBy,
    evidence_of,
)
from app.journal.stop_ahead import stop_ahead
from app.journal.transaction import Transaction

ACTOR = "saga"
CLERKS_S = 60.0
"""How long a new saga is left to the clerk who began it."""


@dataclass(frozen=True)
class Moved:
    """Who is told that a saga moved, on the thread that moved it: its view, and the step in hand or none."""

    tell: Callable[[SagaView, str], None] = lambda _view, _step: None


@dataclass(frozen=True)
class ByHand:
    """An act that is at hand only now: what it needs is not for the journal. `label` names it for fault points."""

    do: Callable[[StepCall], Answer]
    label: str


@dataclass(frozen=True)
class _Touch:
    """What is to be done outside the journal, its intent committed."""

    view: SagaView
    row: StepRow
    call: StepCall
    probe: bool


@dataclass
class _Locks:
    """One lock a saga in hand, so that no two threads carry the same one."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    held: dict[str, tuple[threading.Lock, int]] = field(default_factory=dict)

    @contextmanager
    def of(self, saga_id: str) -> Iterator[None]:
        with self.guard:
            lock, users = self.held.get(saga_id, (threading.Lock(), 0))
            self.held[saga_id] = lock, users + 1
        try:
            with lock:
                yield
        finally:
            with self.guard:
                lock, users = self.held.pop(saga_id)
                if users > 1:
                    self.held[saga_id] = lock, users - 1


class SagaEngine:
    """Carries each saga on by its own version of its definition. Methods block on the world; any thread may call."""

    def __init__(
        self,
        journal: Journal,
        definitions: Sagas,
        acts: Mapping[str, StepActs],
        online: Callable[[], bool],
        limits: OutboxLimits,
        moved: Moved = Moved(),
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._journal = journal
        self._definitions = definitions
        self._acts = acts
        self._online = online
        self._limits = limits
        self._moved = moved
        self._jitter = jitter
        self._locks = _Locks()

    def begin(
        self,
        tx: Transaction,
        name: str,
        saga_id: str,
        started_by: str,
        values: Mapping[str, str],
        order_key: str | None = None,
    ) -> Refusal | None:
        """Write a saga in its command's own transaction; `advance` is to follow the commit.

        Refuses SAGA-UNDER-WAY when the ordering key has one open; without a key nothing stands in its way. Refuses
        SAGA-BEFORE-STOP when the province has announced a stop before which it may not be over.
        """
        definition = self._definitions.current(name)
        held_up = stop_ahead(definition, tx.announced_stops(), tx.province_now())
        if held_up is not None:
            return held_up
        new = NewSaga(saga_id, name, definition.version, order_key or saga_id, values, started_by)
        return None if tx.sagas.begin(new, CLERKS_S) else Refusal("SAGA-UNDER-WAY")

    def advance(self, saga_id: str, attended: bool = False, by_hand: ByHand | None = None) -> SagaView:
        """Carry a saga on until it ends, waits or stands still; raises JournalRefused.

        `attended`: a clerk waits for it, so that steps may be begun which are never begun unattended. `by_hand` does
        what no registered act can.
        """
        with self._locks.of(saga_id):
            # Nobody else carries it: an attempt that is still intended belongs to somebody who is gone.
            turn = self._journal.run(lambda tx: self._look(tx, saga_id, attended), label="saga").result()
            while isinstance(turn, _Touch):
                turn = self._carry(turn, attended, by_hand)
        self._moved.tell(turn, "")
        return turn

    def run_due(self) -> float | None:
        """Carry on every saga that is due; returns the seconds until the next one, None when none moves."""
        for saga in self._journal.run(lambda tx: tx.sagas.moving(due=True)).result():
            if self._carries(saga.name, saga.def_version):
                self.advance(saga.saga_id)
        return self._journal.run(lambda tx: tx.sagas.next_due_in()).result()

    def moving(self) -> int:
        """Count the sagas that this engine has yet to carry to an end or to two persons."""
        open_sagas = self._journal.run(lambda tx: tx.sagas.moving(due=False)).result()
        return sum(self._carries(saga.name, saga.def_version) for saga in open_sagas)

    def _carries(self, name: str, version: int) -> bool:
        definition = self._definitions.version(name, version)
        return definition is not None and set(definition.acts) <= self._acts.keys()

    def _carry(self, touch: _Touch, attended: bool, by_hand: ByHand | None) -> _Touch | SagaView:
        acts, step = self._acts[touch.row.step], touch.row.step
        do = acts.do or (by_hand.do if by_hand is not None else None)
        label = by_hand.label if by_hand is not None else step
        self._moved.tell(touch.view, step)
        if touch.probe:
            answer = acts.probe(touch.call)
            fault_point("after_probe", label)
        else:
            assert do is not None, f"{step} is begun by whoever can do it"
            fault_point("before_touch", label)
            answer = do(touch.call)
            fault_point("after_touch", label)

        def write(tx: Transaction) -> _Touch | SagaView:
            wait = self._write(tx, touch, answer, asked_now=acts.do is not None)
            if wait is None:
                return self._plan(tx, touch.view.saga.saga_id, attended)
            tx.sagas.hold(touch.view.saga.saga_id, wait)
            return tx.sagas.view(touch.view.saga.saga_id)

        return self._journal.run(write, label=label).result()

    def _look(self, tx: Transaction, saga_id: str, attended: bool) -> _Touch | SagaView:
        tx.sagas.doubt_intended(saga_id)
        return self._plan(tx, saga_id, attended)

    def _plan(self, tx: Transaction, saga_id: str, attended: bool) -> _Touch | SagaView:
        view = tx.sagas.view(saga_id)
        if view.state in ENDS or view.state is SagaState.TWO_PERSONS:
            return view
        definition = self._definition(view)
        situation = Situation(self._online(), attended or definition.unattended, tx.sagas.allowed(saga_id))
        move = next_move(definition, view.steps, situation)
        if isinstance(move, Probe):
            return _Touch(view, move.row, _call(view, move.row), probe=True)
        if is_way_back(move) and view.state is SagaState.RUNNING:
            tx.sagas.move(saga_id, SagaState.UNDOING)
        if isinstance(move, Begin):
            saga_key = move.act is Act.DO and definition.steps[move.n].key is StepKey.SAGA
            row = tx.sagas.intend(saga_id, move, _name(definition, move.n, move.act), saga_key)
            view = tx.sagas.view(saga_id)
            return _Touch(view, row, _call(view, row), probe=False)
        if isinstance(move, AskTwo):
            tx.sagas.ask_two(saga_id, _name(definition, move.n, move.act), move)
            self._audit(tx, definition, saga_id, SagaState.TWO_PERSONS)
        elif isinstance(move, End):
            tx.sagas.move(saga_id, move.state)
            self._audit(tx, definition, saga_id, move.state)
        else:
            tx.sagas.hold(saga_id, self._limits.idle_poll_s)
        return tx.sagas.view(saga_id)

    def _write(self, tx: Transaction, touch: _Touch, answer: Answer, asked_now: bool) -> float | None:
        """Write an answer; returns the seconds to wait before it is looked at again, None to go on at once."""
        saga_id, row = touch.view.saga.saga_id, touch.row
        match answer:
            case Happened(evidence):
                tx.sagas.end(saga_id, row, StepState.DONE, evidence)
            case Refused(refusal):
                tx.sagas.end(saga_id, row, StepState.FAILED, evidence_of(refusal))
            case NeverHappened():
                tx.sagas.end(saga_id, row, StepState.NOT_DONE, {})
            case CannotTell(refusal):
                tx.sagas.doubt(saga_id, row, row.asks, evidence_of(refusal), ToldBy.WORLD)
            case OnItsWay():
                tx.sagas.doubt(saga_id, row, row.asks, {})
                return self._limits.idle_poll_s
            case NoAnswer(refusal):
                asks = row.asks + 1 if touch.probe else row.asks
                tx.sagas.doubt(saga_id, row, asks, evidence_of(refusal))
                # Right after an act the world is asked once, then it is given time, and in the end two persons are;
                # what is done by hand keeps its clerk waiting no longer than the act itself.
                waits = asks < patience_of(self._definition(touch.view), row).asks if touch.probe else not asked_now
                return self._back_off(row.asks) if waits else None
        return None

    def _back_off(self, asked: int) -> float:
        # Full jitter, as for deliveries: a world that comes back is not asked by all its counters at once.
        longest = self._limits.back_off_base_s * 2.0 ** min(asked, 30)
        return self._jitter(0.0, min(self._limits.back_off_cap_s, longest))

    def _definition(self, view: SagaView) -> SagaDefinition:
        definition = self._definitions.version(view.saga.name, view.saga.def_version)
        assert definition is not None, "a start refuses what is not carried, and `run_due` leaves it"
        return definition

    def _audit(self, tx: Transaction, definition: SagaDefinition, saga_id: str, state: SagaState) -> None:
        if definition.audit:
            tx.audit(definition.audit, ACTOR, state.value, saga_id, {"version": str(definition.version)})


def _name(definition: SagaDefinition, n: int, act: Act) -> str:
    step = definition.steps[n]
    if act is Act.DO:
        return step.name
    assert step.compensation is not None
    return step.compensation.name


def _call(view: SagaView, row: StepRow) -> StepCall:
    call = StepCall(view.saga.saga_id, row.step, row.attempt, row.idem_key, view.saga.input)
    if row.act is Act.DO:
        return call
    done = next(step for step in view.steps if (step.n, step.act, step.state) == (row.n, Act.DO, StepState.DONE))
    return replace(call, undone=done.evidence, undone_key=done.idem_key)
