"""The training province's own database, plain, for everything in it is fictional: a SQLite file, or PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from app.training.bank_schema import BANK_METADATA
from app.training.line_schema import LINE_METADATA
from app.training.schema import METADATA

FILE_NAME = "training-province.sqlite"

_LOOPBACK = frozenset({"", "127.0.0.1", "localhost", "::1"})
_WRITERS = 3520
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")


def open_store(data_dir: Path, database: str | None = None) -> Engine:
    """Open or create the file below a folder, or the database of a SQLAlchemy URL.

    Every transaction takes the write lock at its start, so that two requests with one op_id come one after the other.
    Raises SQLAlchemy's DatabaseError when it is no database, its ArgumentError for a URL that is none, and
    ModuleNotFoundError where the database's driver is not installed.
    """
    url = URL.create("sqlite", database=str(data_dir / FILE_NAME)) if database is None else make_url(database)
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediate)
    else:
        event.listen(engine, "begin", _lock_whole)
    with engine.begin() as connection:
        METADATA.create_all(connection)
        BANK_METADATA.create_all(connection)
        LINE_METADATA.create_all(connection)
    return engine


def is_local(database: str) -> bool:
    """Tell whether a URL names a database of this machine; one that cannot be read does not."""
    try:
        url = make_url(database)
    except ArgumentError:
        return False
    hosts = (url.host or "", *_texts(url.query.get("host", ())), *_texts(url.query.get("hostaddr", ())))
    return all(host in _LOOPBACK or host.startswith("/") for host in hosts)


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


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


def _lock_whole(connection: Connection) -> None:
    # One number for the whole database: what SQLite's write lock is there.
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
