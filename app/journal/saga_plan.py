"""What a saga does next: a pure function of its definition and its rows (reliability.md 1.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalogue.sagas import Patience, SagaDefinition, StepDefinition, StepKind, WhenNobodyCanTell
from app.catalogue.services import OfflineClass
from app.journal.saga_values import Act, Question, SagaState, StepRow, StepState, ToldBy

NOBODY_CAN_TELL = "SAGA-NOBODY-CAN-TELL"
HAS_TO_BE_DONE = "SAGA-HAS-TO-BE-DONE"
NEEDS_TWO = "SAGA-STEP-NEEDS-TWO"


@dataclass(frozen=True)
class Situation:
    """What a plan hangs on beside the rows."""

    online: bool
    may_begin: bool
    """Whether a clerk waits, or the definition does without."""
    approved: frozenset[int] = frozenset()
    """Steps that two persons have allowed."""


@dataclass(frozen=True)
class Begin:
    """Write the intent of an attempt, then touch the world."""

    n: int
    act: Act
    attempt: int


@dataclass(frozen=True)
class Probe:
    """Ask the world about an attempt."""

    row: StepRow


@dataclass(frozen=True)
class AskTwo:
    """Stand still until two persons have answered; `attempt` may be one that was not begun."""

    n: int
    act: Act
    attempt: int
    question: Question
    reason: str


@dataclass(frozen=True)
class Hold:
    """Nothing can be done now: the province is away, or a clerk has to come."""


@dataclass(frozen=True)
class End:
    """The saga is over."""

    state: SagaState


Move = Begin | Probe | AskTwo | Hold | End


def next_move(definition: SagaDefinition, rows: Sequence[StepRow], situation: Situation) -> Move:
    """Return the next move; `rows` hold no attempt that is intended: those are being done, or in doubt."""
    unknown = next((row for row in rows if row.state is StepState.UNKNOWN), None)
    if unknown is not None:
        return _about(unknown, patience_of(definition, unknown))
    for n, step in enumerate(definition.steps):
        row = last(rows, n, Act.DO)
        if row is None:
            return _forward(n, step, 1, rows, situation)
        if row.state is StepState.DONE:
            continue
        if _again(row, step.patience, has_to=step.kind is StepKind.AFTER_PIVOT):
            return _forward(n, step, row.attempt + 1, rows, situation)
        if step.kind is StepKind.AFTER_PIVOT:
            return AskTwo(n, Act.DO, row.attempt, Question.HAPPENED, HAS_TO_BE_DONE)
        return _backward(definition, rows)
    return End(SagaState.DONE)


def is_way_back(move: Move) -> bool:
    """Tell whether a move belongs to taking back."""
    return isinstance(move, Begin | AskTwo) and move.act is Act.UNDO


def patience_of(definition: SagaDefinition, row: StepRow) -> Patience:
    """Return how long the world is tried for a row."""
    step = definition.steps[row.n]
    if row.act is Act.DO:
        return step.patience
    assert step.compensation is not None
    return step.compensation.patience


def last(rows: Sequence[StepRow], n: int, act: Act) -> StepRow | None:
    """Return the latest attempt of a step, or of taking it back."""
    return max((row for row in rows if row.n == n and row.act is act), key=lambda row: row.attempt, default=None)


def _about(row: StepRow, patience: Patience) -> Move:
    if row.told_by is None and row.asks < patience.asks:
        return Probe(row)
    if patience.cannot_tell is WhenNobodyCanTell.LEAVE:
        return End(SagaState.LEFT)
    return AskTwo(row.n, row.act, row.attempt, Question.HAPPENED, NOBODY_CAN_TELL)


def _again(row: StepRow, patience: Patience, has_to: bool) -> bool:
    """Tell whether an attempt that surely never happened is made anew."""
    if row.state is StepState.NOT_DONE:
        return row.attempt < patience.attempts
    return has_to and row.state is StepState.FAILED and row.told_by is ToldBy.PEOPLE


def _forward(n: int, step: StepDefinition, attempt: int, rows: Sequence[StepRow], situation: Situation) -> Move:
    if not situation.may_begin:
        done = any(row.state is StepState.DONE for row in rows)
        return Hold() if done else End(SagaState.UNDONE)
    if step.offline is OfflineClass.NEVER and not situation.online:
        return Hold()
    if step.second_person and n not in situation.approved:
        return AskTwo(n, Act.DO, attempt, Question.MAY_BEGIN, NEEDS_TWO)
    return Begin(n, Act.DO, attempt)


def _backward(definition: SagaDefinition, rows: Sequence[StepRow]) -> Move:
    for n, step in reversed(list(enumerate(definition.steps))):
        done = last(rows, n, Act.DO)
        if step.compensation is None or done is None or done.state is not StepState.DONE:
            continue
        undo = last(rows, n, Act.UNDO)
        if undo is None:
            return Begin(n, Act.UNDO, 1)
        if _again(undo, step.compensation.patience, has_to=True):
            return Begin(n, Act.UNDO, undo.attempt + 1)
        return AskTwo(n, Act.UNDO, undo.attempt, Question.HAPPENED, HAS_TO_BE_DONE)
    return End(SagaState.UNDONE)
