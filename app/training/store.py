"""The training province's own SQLite file: plain, for everything in it is fictional."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from app.training.bank_schema import BANK_METADATA
from app.training.line_schema import LINE_METADATA
from app.training.schema import METADATA

FILE_NAME = "training-province.sqlite"

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")


def open_store(data_dir: Path) -> Engine:
    """Open or create the file below a folder; raises SQLAlchemy's DatabaseError when it is no database.

    Every transaction takes the write lock at its start, so that two requests with one op_id come one after the other.
    """
    engine = create_engine(URL.create("sqlite", database=str(data_dir / FILE_NAME)), hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    with engine.begin() as connection:
        METADATA.create_all(connection)
        BANK_METADATA.create_all(connection)
        LINE_METADATA.create_all(connection)
    return engine


def stamp(moment: datetime) -> str:
    """Return a time as stored."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions of its own accord: it would begin deferred ones.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
