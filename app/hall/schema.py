"""Tables of the hall database: types and constraints that SQLite and PostgreSQL both keep."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    and_,
)

from app.hall.values import TicketState

SCHEMA_VER = 5

metadata = MetaData()

hall_meta = Table(
    "hall_meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", String(80), nullable=False),
)

number_counter = Table(
    "number_counter",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("queue_group", String(1), primary_key=True),
    Column("last", Integer, nullable=False),
)

day_key = Table(
    "day_key",
    metadata,
    Column("business_date", String(10), primary_key=True),
    Column("key", String(64), nullable=False),
)

# Times are ISO 8601 in UTC with microseconds, so that both databases sort and compare them as text.
ticket = Table(
    "ticket",
    metadata,
    Column("ticket_id", Integer, primary_key=True, autoincrement=True),
    Column("business_date", String(10), nullable=False),
    Column("number", String(8), nullable=False),
    Column("queue_group", String(1), nullable=False),
    Column("state", String(10), nullable=False),
    Column("issued_by", String(4), nullable=False),
    Column("priority", Boolean, nullable=False),
    Column("holder_index", String(80)),
    Column("masked_name", String(80)),
    Column("window_no", String(20)),
    Column("issued_at", String(32), nullable=False),
    Column("called_at", String(32)),
    Column("started_at", String(32)),
    Column("done_at", String(32)),
    Column("calls", Integer, nullable=False),
    Column("issue_op_id", String(36), nullable=False, unique=True),
    Column("claim_op_id", String(36), unique=True),
    Column("start_op_id", String(36)),
    Column("recall_op_id", String(36)),
    Column("end_op_id", String(36)),
    UniqueConstraint("business_date", "number"),
    CheckConstraint("state IN ('waiting','called','serving','done','no_show','cancelled')", name="ticket_state"),
    sqlite_autoincrement=True,
)

IN_HAND = (TicketState.CALLED.value, TicketState.SERVING.value)
OPEN = (TicketState.WAITING.value, *IN_HAND)

Index("ticket_waiting", ticket.c.business_date, ticket.c.state, ticket.c.priority, ticket.c.ticket_id)
Index("ticket_started_by", ticket.c.start_op_id, unique=True)
Index("ticket_recalled_by", ticket.c.recall_op_id, unique=True)
Index("ticket_ended_by", ticket.c.end_op_id, unique=True)

# The last guard of "one ticket a window": even a defect cannot call two.
_in_hand = and_(ticket.c.state.in_(IN_HAND))
_one_a_window = Index("ticket_in_hand", ticket.c.business_date, ticket.c.window_no, unique=True, sqlite_where=_in_hand)

# And of "one open number a holder"; a number without a holder has no index.
_open = ticket.c.state.in_(OPEN)
_holder = (ticket.c.business_date, ticket.c.holder_index)
_one_a_holder = Index("ticket_of_holder", *_holder, unique=True, sqlite_where=_open)


def fit_dialect(name: str) -> None:
    """Say what a database must be told in its own words, before tables are made."""
    # Naming PostgreSQL loads its dialect, a thirtieth of a counter's start; SQLite has no use for it.
    if name == "postgresql":
        _one_a_window.dialect_kwargs["postgresql_where"] = _in_hand
        _one_a_holder.dialect_kwargs["postgresql_where"] = _open


staff = Table(
    "staff",
    metadata,
    Column("staff_no", String(20), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("person_id", String(80), nullable=False),
    Column("password", String(200), nullable=False),
    Column("roles", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("locked_until", String(32)),
    Column("lock_boot", String(40)),
    Column("lock_monotonic", Float),
    Column("add_op_id", String(36)),
)
Index("staff_added_by", staff.c.add_op_id, unique=True)
