"""Steps in the hall, which is a world outside: each is a saga of one step, done by whoever begins it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.op_id import new_op_id
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import HallStep, HallTicket
from app.journal.saga_engine import ByHand, SagaEngine
from app.journal.saga_values import Answer, Happened, NeverHappened, NoAnswer, Refused, StepActs, StepCall
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.services.doorway import Done, Doorway

T = TypeVar("T")

SAGA = "hall_step"
ADD_STAFF = "hall.add_staff"
_STEP, _FOUND = "step", "found"
# A hall that went away may have done it or not, and a full disk takes no row of ours either: the hall is asked later.
_OPEN = frozenset({"HALL-AWAY", "DISK-FULL"})


class HallSteps:
    """Takes steps in the hall, each with its rows in the journal before and after. Every method may block."""

    def __init__(self, doorway: Doorway, sagas: SagaEngine, clock: Clock) -> None:
        self._doorway = doorway
        self._sagas = sagas
        self._clock = clock

    def take(
        self,
        command: str,
        step: str,
        actor: Actor,
        act: Callable[[str], T | Refusal],
        evidence: Callable[[T], str],
        detail: tuple[tuple[str, str], ...] = (),
    ) -> T | Refusal:
        """Do a command's one step in the hall: `act` gets the op_id, `evidence` says what the hall did.

        `detail` goes into the audit row and holds no personal data.
        """
        op_id = new_op_id(self._clock.now())
        results: list[T | Refusal] = []

        def begin(tx: Transaction) -> Done[str] | Refusal:
            refused = self._sagas.begin(tx, SAGA, op_id, actor.staff_no, {_STEP: step})
            return refused or Done(op_id, op_id, detail)

        def by_hand(call: StepCall) -> Answer:
            result = act(call.idem_key)
            results.append(result)
            if isinstance(result, Refusal):
                return NoAnswer(result) if result.code in _OPEN else Refused(result)
            return Happened({_FOUND: evidence(result)})

        begun = self._doorway.execute(command, actor, begin).result()
        if isinstance(begun, Refusal):
            return begun
        try:
            self._sagas.advance(op_id, attended=True, by_hand=ByHand(by_hand, step))
        except JournalRefused:
            # What the hall refused stands, whether our own row of it could be written or not.
            if not results or not isinstance(results[0], Refusal):
                raise
        # A machine that slept in between has had the step given up: nothing was touched.
        return results[0] if results else Refusal("SAGA-NOT-BEGUN")


def hall_acts(hall: Hall) -> Mapping[str, StepActs]:
    """Return how the hall is asked whether an op_id took its step."""
    return {SAGA: StepActs(None, partial(_probe, hall))}


def _probe(hall: Hall, call: StepCall) -> Answer:
    step = call.input[_STEP]
    found = hall.probe_staff(call.idem_key) if step == ADD_STAFF else hall.probe(HallStep(step), call.idem_key)
    if isinstance(found, Refusal):
        return NoAnswer(found)
    if found is None:
        return NeverHappened()
    return Happened({_FOUND: found.number if isinstance(found, HallTicket) else found})
