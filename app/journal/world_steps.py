"""Steps that touch the world: intended before, done or failed after, unknown after a crash (rules 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update

from app.journal.book import Book, as_datetime, at
from app.journal.tables import WORLD_STEP


class StepState(StrEnum):
    """How far a step is known to have come."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class WorldStep:
    """The latest attempt of one step."""

    op_id: str
    step: str
    attempt: int
    state: StepState
    evidence: str | None
    at: datetime


class StepOutOfOrder(Exception):
    """A step was begun again without probing, or ended without being begun: a defect."""


def intend(book: Book, op_id: str, step: str) -> int:
    """Write that the world is about to be touched; returns the attempt.

    Raises StepOutOfOrder unless the step is new or its last attempt failed.
    """
    last = latest(book, op_id, step)
    if last is not None and last.state is not StepState.FAILED:
        raise StepOutOfOrder(f"{step} is {last.state}")
    attempt = 1 if last is None else last.attempt + 1
    book.connection.execute(
        insert(WORLD_STEP).values(op_id=op_id, step=step, attempt=attempt, state=StepState.INTENDED.value, at=at(book))
    )
    return attempt


def end(book: Book, op_id: str, step: str, state: StepState, evidence: str) -> None:
    """Write what the world said or a probe found; raises StepOutOfOrder unless the step is open."""
    last = latest(book, op_id, step)
    if last is None or last.state not in (StepState.INTENDED, StepState.UNKNOWN):
        raise StepOutOfOrder(f"{step} is {'not begun' if last is None else last.state}")
    book.connection.execute(
        update(WORLD_STEP)
        .where(WORLD_STEP.c.op_id == op_id, WORLD_STEP.c.step == step, WORLD_STEP.c.attempt == last.attempt)
        .values(state=state.value, evidence=evidence, at=at(book))
    )


def latest(book: Book, op_id: str, step: str) -> WorldStep | None:
    """Return a step's latest attempt, or None when it was never begun."""
    row = book.connection.execute(
        select(WORLD_STEP)
        .where(WORLD_STEP.c.op_id == op_id, WORLD_STEP.c.step == step)
        .order_by(WORLD_STEP.c.attempt.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return WorldStep(row.op_id, row.step, row.attempt, StepState(row.state), row.evidence, as_datetime(row.at))


def unsettled(book: Book) -> tuple[WorldStep, ...]:
    """Return the steps that a crash left unknown, oldest first; each is probed before anything else is done."""
    found = book.connection.execute(
        select(WORLD_STEP).where(WORLD_STEP.c.state == StepState.UNKNOWN.value).order_by(WORLD_STEP.c.at)
    )
    return tuple(
        WorldStep(row.op_id, row.step, row.attempt, StepState(row.state), row.evidence, as_datetime(row.at))
        for row in found
    )


def doubt_intended(book: Book) -> int:
    """Make every intended step unknown: its process is gone; only the journal's single owner may call it."""
    return book.connection.execute(
        update(WORLD_STEP)
        .where(WORLD_STEP.c.state == StepState.INTENDED.value)
        .values(state=StepState.UNKNOWN.value, at=at(book))
    ).rowcount
