"""The key under which the hall knows a holder for one day: made with the day, forgotten after it."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, insert, select

from app.hall.schema import day_key


def find(connection: Connection, day: str) -> str | None:
    """Return a day's key in hex, when it has one."""
    return connection.scalar(select(day_key.c.key).where(day_key.c.business_date == day))


def make(connection: Connection, day: str) -> str:
    """Return a day's key, made when it has none; then those of days gone by are destroyed.

    Without its key no one can find out by trying whose number a hash of an earlier day was.
    """
    present = find(connection, day)
    if present is not None:
        return present
    connection.execute(delete(day_key).where(day_key.c.business_date < day))
    made = secrets.token_hex(32)
    connection.execute(insert(day_key).values(business_date=day, key=made))
    return made
