"""What only two persons may settle: a step nobody can tell about, or one that needs a second person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, select, update

from app.domain.refusal import Refusal
from app.journal import saga_rows, sealed_columns
from app.journal.book import Book, as_datetime, at
from app.journal.persons import person_ref
from app.journal.saga_tables import SAGA, TWO_PERSON_TASK
from app.journal.saga_values import Act, Question, SagaState, StepState, ToldBy, TwoPersonTask, Verdict

if TYPE_CHECKING:
    from app.journal.saga_plan import AskTwo


@dataclass(frozen=True)
class Settlement:
    """What two natural persons say; `first` and `second` are person ids, never accounts."""

    first: str
    second: str
    verdict: Verdict
    note: str


def open_task(book: Book, saga_id: str, step: str, asked: AskTwo) -> None:
    """Put a question before two persons."""
    book.connection.execute(
        insert(TWO_PERSON_TASK).values(
            saga_id=saga_id,
            n=asked.n,
            act=asked.act.value,
            attempt=asked.attempt,
            question=asked.question.value,
            step=step,
            reason=asked.reason,
            since=at(book),
        )
    )


def tasks(book: Book, saga_id: str | None = None) -> tuple[TwoPersonTask, ...]:
    """Return the open tasks, oldest first; of one saga, or of all."""
    of_saga = () if saga_id is None else (TWO_PERSON_TASK.c.saga_id == saga_id,)
    found = book.connection.execute(
        select(TWO_PERSON_TASK, SAGA.c.name)
        .join(SAGA, SAGA.c.saga_id == TWO_PERSON_TASK.c.saga_id)
        .where(TWO_PERSON_TASK.c.closed_at.is_(None), *of_saga)
        .order_by(TWO_PERSON_TASK.c.since)
    )
    return tuple(_task(row) for row in found)


def count(book: Book) -> int:
    """Count the open tasks."""
    return (
        book.connection.scalar(
            select(func.count()).select_from(TWO_PERSON_TASK).where(TWO_PERSON_TASK.c.closed_at.is_(None))
        )
        or 0
    )


def allowed(book: Book, saga_id: str) -> frozenset[int]:
    """Return the steps that two persons have allowed to begin."""
    return frozenset(
        book.connection.execute(
            select(TWO_PERSON_TASK.c.n).where(
                TWO_PERSON_TASK.c.saga_id == saga_id,
                TWO_PERSON_TASK.c.question == Question.MAY_BEGIN.value,
                TWO_PERSON_TASK.c.verdict == Verdict.YES.value,
            )
        ).scalars()
    )


def close(book: Book, task: TwoPersonTask, said: Settlement) -> Refusal | None:
    """Write what two different persons say, and let the saga go on from it; the only way to close a task.

    Refuses SECOND-PERSON-SAME, and TASK-CLOSED for one that is not open any more. Who the two are, and that each has
    proved it on this very question, is for the caller to have seen to.
    """
    first, second = said.first.strip(), said.second.strip()
    if not first or not second or first.upper() == second.upper():
        return Refusal("SECOND-PERSON-SAME")
    # Random references: a person id may be a citizen number.
    refs = person_ref(book, first, None), person_ref(book, second, None)
    values = {
        "closed_at": at(book),
        "first_person": refs[0],
        "second_person": refs[1],
        "verdict": said.verdict.value,
        "note": said.note,
    }
    row = task.saga_id, task.n, task.act.value, task.attempt, task.question.value
    closed = book.connection.execute(
        update(TWO_PERSON_TASK)
        .where(
            TWO_PERSON_TASK.c.saga_id == task.saga_id,
            TWO_PERSON_TASK.c.n == task.n,
            TWO_PERSON_TASK.c.act == task.act.value,
            TWO_PERSON_TASK.c.attempt == task.attempt,
            TWO_PERSON_TASK.c.question == task.question.value,
            TWO_PERSON_TASK.c.closed_at.is_(None),
        )
        .values(sealed_columns.put(book, TWO_PERSON_TASK, values, row))
    )
    if closed.rowcount != 1:
        return Refusal("TASK-CLOSED")
    _write_verdict(book, task, said.verdict)
    saga_rows.move(book, task.saga_id, SagaState.UNDOING if task.act is Act.UNDO else SagaState.RUNNING)
    saga_rows.hold(book, task.saga_id, 0.0)
    return None


def _write_verdict(book: Book, task: TwoPersonTask, verdict: Verdict) -> None:
    if task.question is Question.MAY_BEGIN:
        if verdict is Verdict.NO:
            saga_rows.give_up(book, task.saga_id, task.n, task.act, task.attempt, task.step)
        return
    row = next(
        step
        for step in saga_rows.view(book, task.saga_id).steps
        if (step.n, step.act, step.attempt) == (task.n, task.act, task.attempt)
    )
    state = StepState.DONE if verdict is Verdict.YES else StepState.FAILED
    saga_rows.end(book, task.saga_id, row, state, ToldBy.PEOPLE, row.evidence)


def _task(row: Row[tuple[object, ...]]) -> TwoPersonTask:
    return TwoPersonTask(
        saga_id=row.saga_id,
        name=row.name,
        step=row.step,
        n=row.n,
        act=Act(row.act),
        attempt=row.attempt,
        question=Question(row.question),
        reason=row.reason,
        since=as_datetime(row.since),
    )
