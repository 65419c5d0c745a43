"""The tables of sagas, as `tables` has the others; migrations make them."""

from __future__ import annotations

from sqlalchemy import BLOB, INTEGER, REAL, TEXT, Column, Table

from app.journal.tables import METADATA


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, TEXT, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, INTEGER, primary_key=key, nullable=False)


SAGA = Table(
    "saga",
    METADATA,
    _text("saga_id", key=True),
    _text("name"),
    _number("def_version"),
    _text("order_key"),
    _text("state"),
    Column("input", BLOB, nullable=False),
    _text("started_by"),
    _text("started_at"),
    _text("ended_at", null=True),
    # Left alone until then, in that boot only; a restart drops it.
    _text("hold_boot", null=True),
    Column("hold_until", REAL),
)

SAGA_STEP = Table(
    "saga_step",
    METADATA,
    _text("saga_id", key=True),
    _number("n", key=True),
    _text("act", key=True),
    _number("attempt", key=True),
    _text("step"),
    _text("state"),
    _text("idem_key"),
    _text("intent_at"),
    _text("ended_at", null=True),
    _text("told_by", null=True),
    _number("asks"),
    _text("evidence"),
    _text("evidence_sm3"),
)

TWO_PERSON_TASK = Table(
    "two_person_task",
    METADATA,
    _text("saga_id", key=True),
    _number("n", key=True),
    _text("act", key=True),
    _number("attempt", key=True),
    _text("question", key=True),
    _text("step"),
    _text("reason"),
    _text("since"),
    _text("closed_at", null=True),
    _text("first_person", null=True),
    _text("second_person", null=True),
    _text("verdict", null=True),
    Column("note", BLOB, nullable=True),
)
