"""The queue's statements: each one is keyed by op_id or guarded by the state it starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, Update, and_, func, insert, or_, select, text, update

from app.domain.refusal import Refusal
from app.hall.schema import IN_HAND, OPEN, ticket
from app.hall.values import HallQueue, HallStep, HallTicket, IssuedBy, TicketState

NEXT_SHOWN = 5

# One statement hands out the number, in SQLite's words and PostgreSQL's alike; the row stays locked until the commit.
_NEXT_NUMBER = text(
    "INSERT INTO number_counter (business_date, queue_group, last) VALUES (:business_date, :queue_group, 1) "
    "ON CONFLICT (business_date, queue_group) DO UPDATE SET last = number_counter.last + 1 RETURNING last"
)


_OP_COLUMNS = {
    HallStep.ISSUE: ticket.c.issue_op_id,
    HallStep.CLAIM: ticket.c.claim_op_id,
    HallStep.START: ticket.c.start_op_id,
    HallStep.RECALL: ticket.c.recall_op_id,
    HallStep.END: ticket.c.end_op_id,
}


@dataclass(frozen=True)
class Move:
    """One move of a ticket in hand: from which states, to which, as which step, and which time it sets."""

    sources: frozenset[TicketState]
    target: TicketState
    step: HallStep
    time_column: str


START = Move(frozenset({TicketState.CALLED}), TicketState.SERVING, HallStep.START, "started_at")
FINISH = Move(frozenset({TicketState.CALLED, TicketState.SERVING}), TicketState.DONE, HallStep.END, "done_at")
NO_SHOW = Move(frozenset({TicketState.CALLED}), TicketState.NO_SHOW, HallStep.END, "done_at")


@dataclass(frozen=True)
class NewTicket:
    """What is known of a ticket before it has a number."""

    op_id: str
    business_date: str
    group: str
    by: IssuedBy
    holder_index: str | None
    masked_name: str | None
    priority: bool


def stored_time(moment: datetime) -> str:
    """Write a time as the tables keep it: ISO 8601, UTC, microseconds."""
    return moment.isoformat(timespec="microseconds")


def issue(connection: Connection, new: NewTicket, now: datetime) -> HallTicket:
    """Give the next number of the group; the same op_id or holder gets the open ticket that is there already."""
    present = by_op(connection, HallStep.ISSUE, new.op_id) or _held(connection, new)
    if present is not None:
        return present
    key = {"business_date": new.business_date, "queue_group": new.group}
    last: int = connection.execute(_NEXT_NUMBER, key).scalar_one()
    row = connection.execute(
        insert(ticket)
        .values(
            business_date=new.business_date,
            number=f"{new.group}{last:03d}",
            queue_group=new.group,
            state=TicketState.WAITING.value,
            issued_by=new.by.value,
            priority=new.priority,
            holder_index=new.holder_index,
            masked_name=new.masked_name,
            issued_at=stored_time(now),
            calls=0,
            issue_op_id=new.op_id,
        )
        .returning(ticket)
    )
    return _read(row.one())


def claim_statement(op_id: str, window: str, day: str, groups: Sequence[str] | None, now: datetime) -> Update:
    """Build the one statement that hands the next waiting ticket to a window."""
    candidate = _waiting(day, groups).with_only_columns(ticket.c.ticket_id).limit(1).with_for_update(skip_locked=True)
    return (
        update(ticket)
        .where(ticket.c.ticket_id == candidate.scalar_subquery(), ticket.c.state == TicketState.WAITING.value)
        .values(
            state=TicketState.CALLED.value,
            window_no=window,
            called_at=stored_time(now),
            calls=ticket.c.calls + 1,
            claim_op_id=op_id,
        )
        .returning(ticket)
    )


def claim(
    connection: Connection, op_id: str, window: str, day: str, groups: Sequence[str] | None, now: datetime
) -> HallTicket | Refusal | None:
    """Hand the next ticket to the window, or None when nobody waits; the same op_id gets the ticket it already has."""
    present = by_op(connection, HallStep.CLAIM, op_id)
    if present is not None:
        return present
    busy = _in_hand(connection, day, window)
    if busy is not None:
        return Refusal.of("HALL-WINDOW-BUSY", number=busy.number)
    row = connection.execute(claim_statement(op_id, window, day, groups, now)).one_or_none()
    return None if row is None else _read(row)


def move(
    connection: Connection, op_id: str, ticket_id: int, window: str, move: Move, now: datetime
) -> HallTicket | Refusal:
    """Take one move with a ticket of this window; one already taken, by this op_id or another, is only answered."""
    present = by_op(connection, move.step, op_id)
    if present is not None:
        return present
    changed = {"state": move.target.value, move.time_column: stored_time(now), _OP_COLUMNS[move.step].name: op_id}
    row = connection.execute(
        update(ticket)
        .where(
            ticket.c.ticket_id == ticket_id,
            ticket.c.window_no == window,
            ticket.c.state.in_(sorted(state.value for state in move.sources)),
        )
        .values(changed)
        .returning(ticket)
    ).one_or_none()
    if row is not None:
        return _read(row)
    return _already(connection, ticket_id, window, move.target)


def recall(connection: Connection, op_id: str, ticket_id: int, window: str) -> HallTicket | Refusal:
    """Count one more call of a ticket that this window called, once an op_id."""
    present = by_op(connection, HallStep.RECALL, op_id)
    if present is not None:
        return present
    row = connection.execute(
        update(ticket)
        .where(
            ticket.c.ticket_id == ticket_id,
            ticket.c.window_no == window,
            ticket.c.state == TicketState.CALLED.value,
        )
        .values(calls=ticket.c.calls + 1, recall_op_id=op_id)
        .returning(ticket)
    ).one_or_none()
    return _read(row) if row is not None else _moved(connection, ticket_id)


def cancel(connection: Connection, op_id: str, ticket_id: int, now: datetime) -> HallTicket | Refusal:
    """Void a number that still waits, once an op_id."""
    present = by_op(connection, HallStep.END, op_id)
    if present is not None:
        return present
    row = connection.execute(
        update(ticket)
        .where(ticket.c.ticket_id == ticket_id, ticket.c.state == TicketState.WAITING.value)
        .values(state=TicketState.CANCELLED.value, done_at=stored_time(now), end_op_id=op_id)
        .returning(ticket)
    ).one_or_none()
    return _read(row) if row is not None else _already(connection, ticket_id, None, TicketState.CANCELLED)


def by_op(connection: Connection, step: HallStep, op_id: str) -> HallTicket | None:
    """Find the ticket with which an op_id took a step; of several recalls the last one is known."""
    return _one(connection, select(ticket).where(_OP_COLUMNS[step] == op_id))


def by_number(connection: Connection, day: str, number: str) -> HallTicket | None:
    """Find a number of a day."""
    return _one(connection, select(ticket).where(ticket.c.business_date == day, ticket.c.number == number))


def ahead(connection: Connection, ticket_id: int) -> int:
    """Count who of the same group would be called before a waiting ticket."""
    own = _one(connection, select(ticket).where(ticket.c.ticket_id == ticket_id))
    if own is None or own.state is not TicketState.WAITING:
        return 0
    earlier = ticket.c.ticket_id < ticket_id
    before = and_(ticket.c.priority, earlier) if own.priority else or_(ticket.c.priority, earlier)
    waiting = _waiting(own.business_date, (own.group,)).where(before).order_by(None)
    return connection.execute(waiting.with_only_columns(func.count())).scalar_one()


def view(connection: Connection, window: str, day: str, letters: Sequence[str]) -> HallQueue:
    """Read the day's queue as a window sees it."""
    counted = connection.execute(
        select(ticket.c.queue_group, func.count())
        .where(ticket.c.business_date == day, ticket.c.state == TicketState.WAITING.value)
        .group_by(ticket.c.queue_group)
    )
    counts: Mapping[str, int] = {row[0]: row[1] for row in counted}
    coming = connection.execute(_waiting(day, None).limit(NEXT_SHOWN)).all()
    done = connection.execute(
        select(func.count()).where(
            ticket.c.business_date == day, ticket.c.window_no == window, ticket.c.state == TicketState.DONE.value
        )
    ).scalar_one()
    return HallQueue(
        current=_in_hand(connection, day, window),
        counts=tuple((letter, counts.get(letter, 0)) for letter in letters),
        next_tickets=tuple(_read(row) for row in coming),
        done_today=done,
    )


def _waiting(day: str, groups: Sequence[str] | None) -> Select[tuple[object, ...]]:
    waiting = select(ticket).where(ticket.c.business_date == day, ticket.c.state == TicketState.WAITING.value)
    if groups is not None:
        waiting = waiting.where(ticket.c.queue_group.in_(list(groups)))
    return waiting.order_by(ticket.c.priority.desc(), ticket.c.ticket_id)


def _in_hand(connection: Connection, day: str, window: str) -> HallTicket | None:
    return _one(
        connection,
        select(ticket).where(
            ticket.c.business_date == day, ticket.c.window_no == window, ticket.c.state.in_(list(IN_HAND))
        ),
    )


def _held(connection: Connection, new: NewTicket) -> HallTicket | None:
    if new.holder_index is None:
        return None
    own = (ticket.c.business_date == new.business_date, ticket.c.holder_index == new.holder_index)
    return _one(connection, select(ticket).where(*own, ticket.c.state.in_(OPEN)))


def _already(connection: Connection, ticket_id: int, window: str | None, target: TicketState) -> HallTicket | Refusal:
    present = _one(connection, select(ticket).where(ticket.c.ticket_id == ticket_id))
    if present is not None and present.state is target and present.window == window:
        return present
    return _moved(connection, ticket_id)


def _moved(connection: Connection, ticket_id: int) -> Refusal:
    present = _one(connection, select(ticket).where(ticket.c.ticket_id == ticket_id))
    number = str(ticket_id) if present is None else present.number
    return Refusal.of("HALL-TICKET-UNKNOWN" if present is None else "HALL-TICKET-MOVED", number=number)


def _one(connection: Connection, statement: Select[tuple[object, ...]]) -> HallTicket | None:
    row = connection.execute(statement).one_or_none()
    return None if row is None else _read(row)


def _read(row: Row[tuple[object, ...]]) -> HallTicket:
    value = row._mapping  # noqa: SLF001 - SQLAlchemy's documented access by column
    return HallTicket(
        ticket_id=value[ticket.c.ticket_id],
        business_date=value[ticket.c.business_date],
        number=value[ticket.c.number],
        group=value[ticket.c.queue_group],
        state=TicketState(value[ticket.c.state]),
        by=IssuedBy(value[ticket.c.issued_by]),
        priority=value[ticket.c.priority],
        holder_index=value[ticket.c.holder_index],
        masked_name=value[ticket.c.masked_name],
        window=value[ticket.c.window_no],
        issued_at=datetime.fromisoformat(value[ticket.c.issued_at]),
        called_at=_time(value[ticket.c.called_at]),
        started_at=_time(value[ticket.c.started_at]),
        done_at=_time(value[ticket.c.done_at]),
        calls=value[ticket.c.calls],
        issue_op_id=value[ticket.c.issue_op_id],
    )


def _time(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)
