"""The outbox: operations, and one delivery row for each destination (reliability.md 1.2).

Only the oldest open delivery of an ordering key may be sent; rejected and conflicting ones are answered and hold
nobody up: the province guards each operation by its `base_version`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from app.domain.clock import Moment, age_s, ahead_s
from app.domain.digest import sm3_hex
from app.domain.operation import DeliveryState, Destination, Operation, OperationKind, OutboxRow, Outcome
from app.domain.refusal import Refusal
from app.journal import delivery_outcomes, sealed_columns, search_index, tasks
from app.journal.book import Book, as_datetime, last_number, next_number
from app.journal.data_keys import damaged
from app.journal.delivery_outcomes import Told
from app.journal.envelope import Place
from app.journal.outbox_values import LeasedDelivery, OutboxSummary, WaitingOperation
from app.journal.search_tokens import Findable
from app.journal.tables import DELIVERY, OPERATION
from app.journal.trouble import RowDamaged
from app.journal.written_out import WrittenOut

_OPEN = DELIVERY.c.answered_at.is_(None)
_WIRE_BYTES = 512
"""The most that an operation takes on the wire beside its payload, which is a text in a text there: quoted again."""
ROW_DAMAGED = "OP-DAMAGED"
# Written out: a partial index is of no use to a value that is bound.
_SENDING = DELIVERY.c.state == literal_column(f"'{DeliveryState.SENDING.value}'")
_ADD_OPERATION = WrittenOut(insert(OPERATION))
_ADD_DELIVERY = WrittenOut(insert(DELIVERY), ("op_id", "destination", "device_seq", "order_key", "state", "attempts"))


class _Stored(NamedTuple):
    """A delivery's operation as it is stored, with what the delivery adds."""

    op_id: str
    kind: str
    order_key: str
    payload: bytes
    payload_sm3: str
    occurred_at: str
    occurred_mono: float
    boot_id: str
    clerk: str
    acceptance_no: str
    base_version: int | None
    schema_ver: int
    device_seq: int
    attempts: int


def _heads() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for the oldest open delivery `to` a destination of each ordering key."""
    earlier = DELIVERY.alias("earlier")
    behind_another = exists().where(
        earlier.c.destination == DELIVERY.c.destination,
        earlier.c.order_key == DELIVERY.c.order_key,
        earlier.c.device_seq < DELIVERY.c.device_seq,
        earlier.c.answered_at.is_(None),
    )
    return (DELIVERY.c.destination == bindparam("to"), _OPEN, ~behind_another)


# A wait counts in the boot that set it: another boot's monotonic clock says nothing.
_NOT_HELD = or_(
    DELIVERY.c.hold_boot.is_(None),
    DELIVERY.c.hold_boot != bindparam("boot"),
    DELIVERY.c.hold_until <= bindparam("now"),
)
_STORED = select(
    *(OPERATION.c[name] for name in _Stored._fields[:-2]), DELIVERY.c.device_seq, DELIVERY.c.attempts
).join(OPERATION, OPERATION.c.op_id == DELIVERY.c.op_id)
_IN_ORDER, _LEAST_TRIED = (
    WrittenOut(_STORED.where(*_heads(), _NOT_HELD).order_by(*order).limit(bindparam("limit", type_=Integer)))
    for order in ((DELIVERY.c.device_seq,), (DELIVERY.c.attempts, DELIVERY.c.device_seq))
)
_UNSENT = WrittenOut(_STORED.where(DELIVERY.c.destination == bindparam("to"), _OPEN).order_by(DELIVERY.c.device_seq))
_ANY_DUE = WrittenOut(select(DELIVERY.c.op_id).where(*_heads(), _NOT_HELD).limit(1))
_EARLIEST = WrittenOut(select(func.min(DELIVERY.c.hold_until)).where(*_heads()))
_OLDEST = WrittenOut(
    select(OPERATION.c.occurred_at, OPERATION.c.occurred_mono, OPERATION.c.boot_id)
    .join(DELIVERY, OPERATION.c.op_id == DELIVERY.c.op_id)
    .where(DELIVERY.c.destination == bindparam("to"), _OPEN)
    .order_by(DELIVERY.c.device_seq)
    .limit(1)
)


def enqueue(
    book: Book, operation: Operation, destinations: Sequence[Destination], findable: Findable | None = None
) -> None:
    """Write an operation and one delivery a destination, each with the next gap-free device_seq."""
    values = {
        "op_id": operation.op_id,
        "kind": operation.kind.value,
        "order_key": operation.order_key,
        "payload": operation.payload,
        "payload_sm3": sm3_hex(operation.payload.encode()),
        "occurred_at": operation.occurred.wall.isoformat(timespec="microseconds"),
        "occurred_mono": operation.occurred.monotonic,
        "boot_id": operation.occurred.boot_id,
        "clerk": operation.clerk,
        "acceptance_no": operation.acceptance_no,
        "base_version": operation.base_version,
        "schema_ver": operation.schema_ver,
    }
    _ADD_OPERATION.run(book.connection, sealed_columns.put(book, OPERATION, values))
    search_index.add(book, operation.op_id, operation.acceptance_no, findable or Findable())
    for destination in destinations:
        _queue(book, operation.op_id, operation.order_key, destination)


def add_delivery(book: Book, op_id: str, destination: Destination) -> bool:
    """Queue an operation that was written without this destination; False when it is queued already.

    Raises KeyError for an operation that was never written.
    """
    if has_delivery(book, op_id, destination):
        return False
    _queue(book, op_id, operation(book, op_id).order_key, destination)
    return True


def has_delivery(book: Book, op_id: str, destination: Destination) -> bool:
    """Tell whether an operation was queued for a destination."""
    found = select(DELIVERY.c.op_id).where(DELIVERY.c.op_id == op_id, DELIVERY.c.destination == destination.value)
    return book.connection.scalar(found) is not None


def lease(
    book: Book, destination: Destination, limit: int, max_bytes: int, lease_s: float, least_tried_first: bool
) -> tuple[LeasedDelivery, ...]:
    """Take the sendable deliveries, oldest first, until `limit` rows or `max_bytes` on the wire; at least one."""
    sendable = _LEAST_TRIED if least_tried_first else _IN_ORDER
    taken: list[LeasedDelivery] = []
    size = 0
    for found in sendable.run(book.connection, {"to": destination.value, "limit": limit, **_now(book)}):
        row = _Stored(*found)
        delivery = _leased(book, row, destination)
        size += _quoted_bytes(delivery.operation.payload) + _WIRE_BYTES
        if taken and size > max_bytes:
            break
        taken.append(delivery)
    sent = [(delivery.operation.op_id, delivery.attempts) for delivery in taken]
    delivery_outcomes.take(book, destination, sent, lease_s)
    return tuple(taken)


def unsent(book: Book, destination: Destination) -> tuple[LeasedDelivery, ...]:
    """Return every delivery that was not answered, in the order of their numbers; none is taken."""
    return tuple(
        _leased(book, _Stored(*found), destination) for found in _UNSENT.run(book.connection, {"to": destination.value})
    )


def retry(book: Book, op_id: str, destination: Destination) -> Refusal | None:
    """Make a queued delivery due, and what stands before it of the same person: it cannot go first.

    Refusals: OP-NOT-HERE, OP-ANSWERED-…, OP-BEING-SENT.
    """
    try:
        state, _reason = delivery_state(book, op_id, destination)
    except KeyError:
        return Refusal.of("OP-NOT-HERE", number=op_id)
    if state is DeliveryState.SENDING:
        return Refusal("OP-BEING-SENT")
    if state is not DeliveryState.QUEUED:
        return Refusal(f"OP-ANSWERED-{state.upper()}")
    this = (DELIVERY.c.op_id == op_id, DELIVERY.c.destination == destination.value)
    key, number = book.connection.execute(select(DELIVERY.c.order_key, DELIVERY.c.device_seq).where(*this)).one()
    book.connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.destination == destination.value, _OPEN, DELIVERY.c.order_key == key)
        .where(DELIVERY.c.device_seq <= number, DELIVERY.c.state == DeliveryState.QUEUED.value)
        .values(hold_boot=None, hold_until=None)
    )
    return None


def rows_of(book: Book, op_id: str) -> tuple[OutboxRow, ...]:
    """Return an operation's deliveries."""
    query = select(OPERATION, DELIVERY).join(OPERATION, OPERATION.c.op_id == DELIVERY.c.op_id)
    return tuple(
        _outbox_row(book, row) for row in book.connection.execute(query.where(DELIVERY.c.op_id == op_id)).all()
    )


def set_aside(book: Book, op_id: str, destination: Destination, reason: str) -> bool:
    """Give a delivery that must not be sent any more to a person; False when it was answered before."""
    told = Told(op_id, Outcome.CONFLICT, reason, next_action="TASK-SET-ASIDE")
    return op_id in delivery_outcomes.settle(book, destination, [told])


def stuck(book: Book, op_id: str, destination: Destination, reason: str) -> bool:
    """Tell a person of a delivery that is tried on in vain; False when it was answered, or somebody was told."""
    state, _reason = delivery_state(book, op_id, destination)
    if state is not DeliveryState.QUEUED or tasks.is_told(book, op_id, destination):
        return False
    tasks.open_task(book, op_id, destination, reason, None, tasks.STUCK)
    return True


def rekey(book: Book, old: str, new: str) -> None:
    """Let what was not answered yet be ordered under another key; the operations stay as they were written."""
    book.connection.execute(update(DELIVERY).where(_OPEN, DELIVERY.c.order_key == old).values(order_key=new))


def drop_leases(book: Book) -> int:
    """Queue again what an earlier process was sending; only the journal's single owner may call it."""
    return book.connection.execute(
        update(DELIVERY)
        .where(_OPEN, _SENDING)
        .values(state=DeliveryState.QUEUED.value, hold_boot=None, hold_until=None)
    ).rowcount


def make_due_now(book: Book) -> int:
    """Lift the waits of queued deliveries; returns how many."""
    return book.connection.execute(
        update(DELIVERY)
        .where(_OPEN, DELIVERY.c.state == DeliveryState.QUEUED.value, DELIVERY.c.hold_boot.is_not(None))
        .values(hold_boot=None, hold_until=None)
    ).rowcount


def next_due_in(book: Book, destination: Destination) -> float | None:
    """Return the seconds until something may be sent, 0 when it may be now, None when nothing is open."""
    if _ANY_DUE.run(book.connection, {"to": destination.value, **_now(book)}):
        return 0.0
    earliest = _EARLIEST.scalar(book.connection, {"to": destination.value})
    return None if earliest is None else max(earliest - book.clock.monotonic(), 0.0)


def rows(book: Book, states: Sequence[DeliveryState] | None, limit: int | None) -> tuple[OutboxRow, ...]:
    """Return deliveries: open ones in the order in which they are sent, then the answered, newest first.

    `states` None means all, `limit` None every row.
    """
    query = select(OPERATION, DELIVERY).join(OPERATION, OPERATION.c.op_id == DELIVERY.c.op_id)
    if states is not None:
        query = query.where(DELIVERY.c.state.in_([state.value for state in states]))
    place = case((_OPEN, DELIVERY.c.device_seq), else_=-DELIVERY.c.device_seq)
    query = query.order_by(DELIVERY.c.answered_at.is_not(None), place).limit(limit)
    return tuple(_outbox_row(book, row) for row in book.connection.execute(query).all())


def waiting_for(book: Book, order_key: str) -> tuple[WaitingOperation, ...]:
    """Return what waits for the province of one ordering key, in the order in which it is sent."""
    found = (
        select(OPERATION.c.op_id, OPERATION.c.kind, OPERATION.c.acceptance_no)
        .join(DELIVERY, OPERATION.c.op_id == DELIVERY.c.op_id)
        .where(DELIVERY.c.order_key == order_key, DELIVERY.c.destination == Destination.PROVINCE.value, _OPEN)
        .order_by(DELIVERY.c.device_seq)
    )
    return tuple(
        WaitingOperation(row.op_id, OperationKind(row.kind), row.acceptance_no)
        for row in book.connection.execute(found)
    )


def count(book: Book) -> int:
    """Count the deliveries, answered ones too."""
    return book.connection.scalar(select(func.count()).select_from(DELIVERY)) or 0


def summary(book: Book) -> OutboxSummary:
    """Count what waits for delivery and for a person."""
    count = _counted(book, "queued") - _counted(book, "answered")
    # One question a destination: their index begins with it, and no queue is sorted for the sake of its head.
    heads = (_OLDEST.row(book.connection, {"to": destination.value}) for destination in Destination)
    since = [Moment(as_datetime(wall), monotonic, boot) for wall, monotonic, boot in filter(None, heads)]
    ages = [age_s(occurred, book.clock) for occurred in since]
    return OutboxSummary(count, max(ages, default=0.0), tasks.count_open(book))


def _counted(book: Book, what: str) -> int:
    """Return a sum that the file's own triggers keep (`v0010_counted_queue`)."""
    return sum(last_number(book, f"{what}/{destination}") for destination in Destination)


def delivery_state(book: Book, op_id: str, destination: Destination) -> tuple[DeliveryState, str | None]:
    """Return a delivery's state and reason; raises KeyError for one that was never enqueued."""
    row = book.connection.execute(
        select(DELIVERY.c.state, DELIVERY.c.reason).where(
            DELIVERY.c.op_id == op_id, DELIVERY.c.destination == destination.value
        )
    ).first()
    if row is None:
        raise KeyError(op_id)
    return DeliveryState(row.state), row.reason


def operation(book: Book, op_id: str) -> Operation:
    """Return an operation as it was written; raises KeyError for one that was never enqueued."""
    row = book.connection.execute(select(OPERATION).where(OPERATION.c.op_id == op_id)).first()
    if row is None:
        raise KeyError(op_id)
    return _operation(book, row)


def _queue(book: Book, op_id: str, order_key: str, destination: Destination) -> None:
    _ADD_DELIVERY.run(
        book.connection,
        {
            "op_id": op_id,
            "destination": destination.value,
            "device_seq": next_number(book, f"device_seq/{destination.value}"),
            "order_key": order_key,
            "state": DeliveryState.QUEUED.value,
            "attempts": 0,
        },
    )


def _quoted_bytes(payload: str) -> int:
    """Return the bytes of canonical JSON, which has no line ends, as a text within JSON."""
    return len(payload.encode()) + payload.count('"') + payload.count("\\") + 2


def _now(book: Book) -> dict[str, object]:
    return {"boot": book.clock.boot_id(), "now": book.clock.monotonic()}


def _leased(book: Book, row: _Stored, destination: Destination) -> LeasedDelivery:
    payload = _readable(book, row)
    operation = _with(row, payload or "")
    return LeasedDelivery(
        operation,
        destination,
        row.device_seq,
        row.payload_sm3,
        row.attempts + 1,
        age_s(operation.occurred, book.clock),
        ahead_s(operation.occurred, book.clock),
        damaged=payload is None,
    )


def _operation(book: Book, row: Row[tuple[object, ...]]) -> Operation:
    return _with(row, _payload(book, row))


def _payload(book: Book, row: _Stored | Row[tuple[object, ...]]) -> str:
    payload = sealed_columns.opened(book, Place(OPERATION.name, (row.op_id,), "payload"), row.payload).decode()
    if sm3_hex(payload.encode()) != row.payload_sm3:
        raise RowDamaged(damaged("operation", (row.op_id,)))
    return payload


def _readable(book: Book, row: _Stored | Row[tuple[object, ...]]) -> str | None:
    """Return the payload; None where it is damaged, which concerns this row's person and nobody else."""
    try:
        return _payload(book, row)
    except RowDamaged:
        return None


def _with(row: _Stored | Row[tuple[object, ...]], payload: str) -> Operation:
    return Operation(
        op_id=row.op_id,
        kind=OperationKind(row.kind),
        order_key=row.order_key,
        payload=payload,
        occurred=_occurred(row),
        clerk=row.clerk,
        acceptance_no=row.acceptance_no,
        base_version=row.base_version,
        schema_ver=row.schema_ver,
    )


def _occurred(row: _Stored | Row[tuple[object, ...]]) -> Moment:
    return Moment(as_datetime(row.occurred_at), row.occurred_mono, row.boot_id)


def _outbox_row(book: Book, row: Row[tuple[object, ...]]) -> OutboxRow:
    payload = _readable(book, row)
    told = {} if payload is None else json.loads(payload)
    whom = told.get("citizen_number")
    is_open = row.answered_at is None
    held = row.hold_boot == book.clock.boot_id() and is_open
    return OutboxRow(
        op_id=row.op_id,
        kind=row.kind,
        order_key=row._mapping[DELIVERY.c.order_key],  # noqa: SLF001 - SQLAlchemy's documented way to a column
        destination=row.destination,
        device_seq=row.device_seq,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        age_s=age_s(_occurred(row), book.clock),
        reason=ROW_DAMAGED if payload is None and is_open else row.reason,
        next_try_in_s=max(row.hold_until - book.clock.monotonic(), 0.0) if held else None,
        acceptance_no=row.acceptance_no,
        citizen_number=whom if isinstance(whom, str) else None,
        clock_doubtful=told.get("clock_doubtful") is True,
    )
