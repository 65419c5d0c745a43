"""The rows of sagas: begun, intended, ended, doubted; written inside the caller's transaction, never deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row, func, insert, or_, select, update

from app.domain.digest import sm3_hex
from app.domain.op_id import new_op_id
from app.domain.operation import canonical_json
from app.journal import sealed_columns
from app.journal.book import Book, as_datetime, at
from app.journal.saga_tables import SAGA, SAGA_STEP
from app.journal.saga_values import ENDS, Act, SagaRow, SagaState, SagaView, StepRow, StepState, ToldBy

_MOVING = SAGA.c.state.in_((SagaState.RUNNING.value, SagaState.UNDOING.value))
_OPEN = (StepState.INTENDED.value, StepState.UNKNOWN.value)
_NOT_THE_CASE = (StepState.NOT_DONE.value, StepState.FAILED.value)


class SagaOutOfOrder(Exception):
    """A step was ended without being begun, or a saga moved after its end: a defect."""


@dataclass(frozen=True)
class NewSaga:
    """What a saga begins with."""

    saga_id: str
    name: str
    def_version: int
    order_key: str
    input: Mapping[str, str]
    started_by: str


def begin(book: Book, new: NewSaga, hold_s: float) -> bool:
    """Write a saga that nothing was done for yet; False when its ordering key has another one open.

    For `hold_s` seconds it is left to whoever began it.
    """
    if book.connection.scalar(
        select(SAGA.c.saga_id).where(SAGA.c.order_key == new.order_key, SAGA.c.ended_at.is_(None))
    ):
        return False
    values = {
        "saga_id": new.saga_id,
        "name": new.name,
        "def_version": new.def_version,
        "order_key": new.order_key,
        "state": SagaState.RUNNING.value,
        "input": canonical_json(new.input),
        "started_by": new.started_by,
        "started_at": at(book),
        "hold_boot": book.clock.boot_id(),
        "hold_until": book.clock.monotonic() + hold_s,
    }
    book.connection.execute(insert(SAGA).values(sealed_columns.put(book, SAGA, values)))
    return True


def view(book: Book, saga_id: str) -> SagaView:
    """Return a saga with its attempts; raises KeyError for one that was never begun."""
    row = book.connection.execute(select(SAGA).where(SAGA.c.saga_id == saga_id)).first()
    if row is None:
        raise KeyError(saga_id)
    steps = book.connection.execute(
        select(SAGA_STEP)
        .where(SAGA_STEP.c.saga_id == saga_id)
        .order_by(SAGA_STEP.c.intent_at, SAGA_STEP.c.act, SAGA_STEP.c.n, SAGA_STEP.c.attempt)
    )
    return SagaView(_saga(book, row), tuple(_step(step) for step in steps))


def exists(book: Book, saga_id: str) -> bool:
    """Tell whether there is a saga of this id."""
    return book.connection.scalar(select(SAGA.c.saga_id).where(SAGA.c.saga_id == saga_id)) is not None


def intend(book: Book, saga_id: str, n: int, act: Act, step: str, saga_key: bool) -> StepRow:
    """Write that the world is about to be touched; every attempt of a step has the key of the first.

    `saga_key` makes the saga's own id the key. Raises SagaOutOfOrder while an attempt of it is open.
    """
    of_step = SAGA_STEP.c.saga_id == saga_id, SAGA_STEP.c.n == n, SAGA_STEP.c.act == act.value
    last = book.connection.execute(
        select(SAGA_STEP).where(*of_step).order_by(SAGA_STEP.c.attempt.desc()).limit(1)
    ).first()
    if last is not None and last.state not in _NOT_THE_CASE:
        raise SagaOutOfOrder(f"{step} is {last.state}")
    key = saga_id if saga_key else new_op_id(book.clock.now()) if last is None else last.idem_key
    made = StepRow(n, act, 1 if last is None else last.attempt + 1, StepState.INTENDED, key, step=step)
    book.connection.execute(
        insert(SAGA_STEP).values(
            saga_id=saga_id,
            n=n,
            act=act.value,
            attempt=made.attempt,
            step=step,
            state=made.state.value,
            idem_key=key,
            intent_at=at(book),
            asks=0,
            **_evidence({}),
        )
    )
    return made


def end(book: Book, saga_id: str, row: StepRow, state: StepState, told_by: ToldBy, evidence: Mapping[str, str]) -> None:
    """Write what became of an attempt; raises SagaOutOfOrder unless it is open. A step taken back is compensated."""
    _change(
        book,
        saga_id,
        row,
        _OPEN if told_by is ToldBy.WORLD else (*_OPEN, *_NOT_THE_CASE),
        state=state.value,
        told_by=told_by.value,
        ended_at=at(book),
        **_evidence(evidence),
    )
    if row.act is Act.UNDO and state is StepState.DONE:
        book.connection.execute(
            update(SAGA_STEP)
            .where(
                SAGA_STEP.c.saga_id == saga_id,
                SAGA_STEP.c.n == row.n,
                SAGA_STEP.c.act == Act.DO.value,
                SAGA_STEP.c.state == StepState.DONE.value,
            )
            .values(state=StepState.COMPENSATED.value)
        )


def give_up(book: Book, saga_id: str, n: int, act: Act, attempt: int, step: str) -> None:
    """Write an attempt that two persons did not allow: it was never begun."""
    now = at(book)
    book.connection.execute(
        insert(SAGA_STEP).values(
            saga_id=saga_id,
            n=n,
            act=act.value,
            attempt=attempt,
            step=step,
            state=StepState.FAILED.value,
            idem_key=new_op_id(book.clock.now()),
            intent_at=now,
            ended_at=now,
            told_by=ToldBy.PEOPLE.value,
            asks=0,
            **_evidence({}),
        )
    )


def doubt(
    book: Book, saga_id: str, row: StepRow, asks: int, told_by: ToldBy | None, evidence: Mapping[str, str]
) -> None:
    """Write that nobody knows yet what became of an attempt, and how often that was asked."""
    told = told_by.value if told_by is not None else None
    _change(
        book,
        saga_id,
        row,
        _OPEN,
        state=StepState.UNKNOWN.value,
        asks=asks,
        told_by=told,
        **_evidence(evidence),
    )


def doubt_intended(book: Book, saga_id: str | None = None) -> int:
    """Make intended attempts unknown, of one saga or of all: whoever made them is gone."""
    of_saga = () if saga_id is None else (SAGA_STEP.c.saga_id == saga_id,)
    return book.connection.execute(
        update(SAGA_STEP)
        .where(SAGA_STEP.c.state == StepState.INTENDED.value, *of_saga)
        .values(state=StepState.UNKNOWN.value)
    ).rowcount


def move(book: Book, saga_id: str, state: SagaState) -> None:
    """Write how far a saga has come; raises SagaOutOfOrder after its end."""
    moved = book.connection.execute(
        update(SAGA)
        .where(SAGA.c.saga_id == saga_id, SAGA.c.ended_at.is_(None))
        .values(state=state.value, ended_at=at(book) if state in ENDS else None)
    )
    if moved.rowcount != 1:
        raise SagaOutOfOrder(f"{saga_id} has ended")


def hold(book: Book, saga_id: str, seconds: float) -> None:
    """Leave a saga alone for some seconds."""
    book.connection.execute(
        update(SAGA)
        .where(SAGA.c.saga_id == saga_id)
        .values(hold_boot=book.clock.boot_id(), hold_until=book.clock.monotonic() + seconds)
    )


def drop_holds(book: Book, new_ones: bool) -> int:
    """Let open sagas go on now; returns how many were held. New ones, not begun yet, belong to their clerks."""
    begun = () if new_ones else (SAGA.c.saga_id.in_(select(SAGA_STEP.c.saga_id)),)
    return book.connection.execute(
        update(SAGA)
        .where(SAGA.c.ended_at.is_(None), SAGA.c.hold_boot.is_not(None), *begun)
        .values(hold_boot=None, hold_until=None)
    ).rowcount


def moving(book: Book, due: bool) -> tuple[SagaRow, ...]:
    """Return the sagas that go on by themselves, the newest first; only those that may go on now, or all."""
    not_held = or_(
        SAGA.c.hold_boot.is_(None),
        SAGA.c.hold_boot != book.clock.boot_id(),
        SAGA.c.hold_until <= book.clock.monotonic(),
    )
    found = select(SAGA).where(_MOVING, *((not_held,) if due else ())).order_by(SAGA.c.started_at.desc())
    return tuple(_saga(book, row) for row in book.connection.execute(found).all())


def next_due_in(book: Book) -> float | None:
    """Return the seconds until a saga may go on, 0 when one may now, None when none is moving."""
    if moving(book, due=True):
        return 0.0
    earliest = book.connection.scalar(select(func.min(SAGA.c.hold_until)).where(_MOVING))
    return None if earliest is None else max(earliest - book.clock.monotonic(), 0.0)


def needed_definitions(book: Book) -> tuple[tuple[str, int], ...]:
    """Return name and version of every definition that an open saga runs by."""
    found = book.connection.execute(
        select(SAGA.c.name, SAGA.c.def_version).where(SAGA.c.ended_at.is_(None)).distinct().order_by(SAGA.c.name)
    )
    return tuple((row.name, row.def_version) for row in found)


def _change(book: Book, saga_id: str, row: StepRow, states: tuple[str, ...], **values: object) -> None:
    changed = book.connection.execute(
        update(SAGA_STEP)
        .where(
            SAGA_STEP.c.saga_id == saga_id,
            SAGA_STEP.c.n == row.n,
            SAGA_STEP.c.act == row.act.value,
            SAGA_STEP.c.attempt == row.attempt,
            SAGA_STEP.c.state.in_(states),
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise SagaOutOfOrder(f"attempt {row.attempt} of {row.step} is not open")


def _evidence(evidence: Mapping[str, str]) -> Mapping[str, str]:
    text = canonical_json(evidence)
    return {"evidence": text, "evidence_sm3": sm3_hex(text.encode())}


def _saga(book: Book, row: Row[tuple[object, ...]]) -> SagaRow:
    return SagaRow(
        saga_id=row.saga_id,
        name=row.name,
        def_version=row.def_version,
        order_key=row.order_key,
        state=SagaState(row.state),
        input=json.loads(sealed_columns.text(book, SAGA.c.input, row)),
        started_by=row.started_by,
        started_at=as_datetime(row.started_at),
        ended_at=as_datetime(row.ended_at) if row.ended_at is not None else None,
    )


def _step(row: Row[tuple[object, ...]]) -> StepRow:
    return StepRow(
        n=row.n,
        act=Act(row.act),
        attempt=row.attempt,
        state=StepState(row.state),
        idem_key=row.idem_key,
        told_by=ToldBy(row.told_by) if row.told_by is not None else None,
        asks=row.asks,
        evidence=json.loads(row.evidence),
        step=row.step,
        intent_at=as_datetime(row.intent_at),
        ended_at=as_datetime(row.ended_at) if row.ended_at is not None else None,
    )
