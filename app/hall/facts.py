"""Facts of a hall database itself, such as its schema's version and its mode."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.schema import hall_meta

_OTHER = {Mode.TRAINING: "HALL-IS-TRAINING", Mode.REAL: "HALL-IS-REAL"}


def fact(connection: Connection, key: str) -> str | None:
    """Return a fact, or None."""
    return connection.execute(select(hall_meta.c.value).where(hall_meta.c.key == key)).scalar_one_or_none()


def add_fact(connection: Connection, key: str, value: str) -> None:
    """Write a fact that is not there yet."""
    connection.execute(insert(hall_meta).values(key=key, value=value))


def claim(connection: Connection, mode: Mode) -> Refusal | None:
    """Mark a new hall, or compare with its mark. Refusals: HALL-IS-TRAINING, HALL-IS-REAL."""
    found = fact(connection, "mode")
    if found is None:
        add_fact(connection, "mode", mode.value)
        return None
    return None if found == mode.value else Refusal(_OTHER[Mode(found)])
