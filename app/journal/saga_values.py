"""Sagas as plain values: what rows say, what the world answers, and what two persons are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.refusal import Refusal


class SagaState(StrEnum):
    """How far a saga has come; the last three are its ends."""

    RUNNING = "running"
    UNDOING = "undoing"
    """A step was refused; what was done before is being taken back."""
    TWO_PERSONS = "two_persons"
    """It stands still until two persons have said what nobody else can tell."""
    DONE = "done"
    UNDONE = "undone"
    LEFT = "left"
    """Nobody can tell, and nothing hangs on it."""


ENDS = frozenset({SagaState.DONE, SagaState.UNDONE, SagaState.LEFT})


class StepState(StrEnum):
    """How far one attempt is known to have come."""

    INTENDED = "intended"
    DONE = "done"
    NOT_DONE = "not_done"
    """It surely never happened, and may be tried again."""
    FAILED = "failed"
    """It surely never happened, and will not: the world refused it, or two persons gave it up."""
    UNKNOWN = "unknown"
    COMPENSATED = "compensated"


class Act(StrEnum):
    """Whether a row does a step or takes it back."""

    DO = "do"
    UNDO = "undo"


class ToldBy(StrEnum):
    """Who said what became of an attempt."""

    WORLD = "world"
    PEOPLE = "people"


class Question(StrEnum):
    """What two persons are asked."""

    HAPPENED = "happened"
    MAY_BEGIN = "may_begin"


class Verdict(StrEnum):
    """What two persons answer."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class StepRow:
    """One attempt of one step, or of taking it back."""

    n: int
    """The step's place in its definition, from 0."""
    act: Act
    attempt: int
    state: StepState
    idem_key: str
    """The same for every attempt, so that the world can tell a repetition."""
    told_by: ToldBy | None = None
    asks: int = 0
    """Probes that brought no answer."""
    evidence: Mapping[str, str] = field(default_factory=dict)
    step: str = ""
    intent_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class SagaRow:
    """One saga; `saga_id` is the op_id of what was asked for, and of its operation where it has one."""

    saga_id: str
    name: str
    def_version: int
    order_key: str
    state: SagaState
    input: Mapping[str, str]
    started_by: str
    """Staff number."""
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class SagaView:
    """A saga with its attempts, in the order in which they were intended."""

    saga: SagaRow
    steps: tuple[StepRow, ...]

    @property
    def state(self) -> SagaState:
        """Return how far it has come."""
        return self.saga.state

    @property
    def refusal(self) -> Refusal | None:
        """Return the first refusal of the way forward, which is why it turned back."""
        failed = (row for row in self.steps if row.act is Act.DO and row.state is StepState.FAILED)
        return next((refusal_in(row.evidence) for row in failed), None)

    @property
    def trouble(self) -> Refusal | None:
        """Return why the attempt in hand has no answer yet."""
        unknown = (row for row in self.steps if row.state is StepState.UNKNOWN)
        return next((refusal_in(row.evidence) for row in unknown), None)

    def last(self, step: str) -> StepRow | None:
        """Return the latest attempt of a step, or None when it was never begun."""
        return next((row for row in reversed(self.steps) if row.step == step), None)


@dataclass(frozen=True)
class TwoPersonTask:
    """What stands still until two persons have answered."""

    saga_id: str
    name: str
    step: str
    n: int
    act: Act
    attempt: int
    question: Question
    reason: str
    """A code of the catalogue."""
    since: datetime


@dataclass(frozen=True)
class StepCall:
    """What a step's functions are given."""

    saga_id: str
    step: str
    attempt: int
    idem_key: str
    input: Mapping[str, str]
    undone: Mapping[str, str] = field(default_factory=dict)
    """The evidence of the step that is being taken back; empty on the way forward."""
    undone_key: str = ""
    """The key of that step."""


@dataclass(frozen=True)
class Happened:
    """It was done; `evidence` holds codes, numbers and times."""

    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """It was not done, and will not be."""

    refusal: Refusal


@dataclass(frozen=True)
class NeverHappened:
    """It was not done, and may be."""


@dataclass(frozen=True)
class OnItsWay:
    """It is being done without us; its end will be told."""


@dataclass(frozen=True)
class NoAnswer:
    """The world did not answer; it may have been done."""

    refusal: Refusal


@dataclass(frozen=True)
class CannotTell:
    """The world answered, and even so nobody knows."""

    refusal: Refusal


Answer = Happened | Refused | NeverHappened | OnItsWay | NoAnswer | CannotTell


@dataclass(frozen=True)
class StepActs:
    """What code supplies for one name of a definition; a compensation has a name and acts of its own."""

    do: Callable[[StepCall], Answer] | None
    """Touch the world once, under the call's idempotency key; None where only whoever begins the saga can."""
    probe: Callable[[StepCall], Answer]
    """Ask the world, without touching it, whether that key was done."""


def refusal_in(evidence: Mapping[str, str]) -> Refusal | None:
    """Read a refusal back out of evidence; None where it holds none."""
    facts = dict(evidence)
    code = facts.pop("code", None)
    return None if code is None else Refusal(code, tuple(sorted(facts.items())))


def evidence_of(refusal: Refusal) -> Mapping[str, str]:
    """Return a refusal as evidence."""
    return {**dict(refusal.facts), "code": refusal.code}
