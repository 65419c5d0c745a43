"""Opening the hall database and doing one piece of work in one transaction, or saying that it is away."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.pool import ConnectionPoolEntry

from app.domain.refusal import Refusal
from app.hall.facts import add_fact, fact
from app.hall.migrations import migrate
from app.hall.schema import SCHEMA_VER, fit_dialect, hall_meta, metadata
from app.journal.private_files import open_private

T = TypeVar("T")

BUSY_S = 3.0
_WRITES = "hall_writes"
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)


def hall_url(data_folder: Path) -> str:
    """Return the URL of the hall database of a single PC: `hall.db` in the data folder."""
    return f"sqlite:///{data_folder / 'hall.db'}"


class HallConnection:
    """One engine; every call is one transaction.

    Refuses HALL-AWAY when the database cannot be reached or written, DISK-FULL when its file has no room.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{_WRITES: True})

    @classmethod
    def open(cls, url: str, busy_s: float = BUSY_S) -> HallConnection | Refusal:
        """Connect, and make the tables or bring them to this program's schema.

        `busy_s` is how long to wait for another process's transaction, in seconds.
        Refusals: HALL-AWAY, HALL-SCHEMA-OTHER, HALL-DRIVER-NONE.
        """
        try:
            # What a statement was given is personal: no error may carry it into a log.
            engine = create_engine(url, hide_parameters=True)
        except ModuleNotFoundError as missing:
            return Refusal.of("HALL-DRIVER-NONE", driver=missing.name)
        fit_dialect(engine.dialect.name)
        if engine.dialect.name == "sqlite":
            _keep_private(engine)
            _prepare_sqlite(engine, busy_s)
        hall = cls(engine)
        found: str | Refusal | None = _use_wal(engine, busy_s)
        if found is None:
            found = hall.write(_bring_to_schema)
        if isinstance(found, Refusal) or found != str(SCHEMA_VER):
            engine.dispose()
            known = SCHEMA_VER
            return found if isinstance(found, Refusal) else Refusal.of("HALL-SCHEMA-OTHER", found=found, known=known)
        return hall

    def write(self, work: Callable[[Connection], T]) -> T | Refusal:
        """Do the work in a transaction that holds the write lock from its first statement; a refusal commits too."""
        return _guarded(self._writing, work)

    def read(self, work: Callable[[Connection], T]) -> T | Refusal:
        """Do the work on one consistent picture."""
        return _guarded(self._engine, work)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def _guarded(engine: Engine, work: Callable[[Connection], T]) -> T | Refusal:
    try:
        with engine.begin() as connection:
            return work(connection)
    except (IntegrityError, ProgrammingError, DataError):
        raise
    except DatabaseError as error:
        return _trouble(error.orig)


def _trouble(error: BaseException | None) -> Refusal:
    full = getattr(error, "sqlite_errorcode", None) in _NO_ROOM
    return Refusal("DISK-FULL") if full else Refusal.of("HALL-AWAY", detail=error)


def _keep_private(engine: Engine) -> None:
    """Let those alone read the file who may use its folder; SQLite gives its side files the same mode."""
    file = Path(engine.url.database or "")
    if os.name != "posix" or str(file).startswith("file:") or not file.name:
        return
    # What cannot be made or changed here is told by the connection that follows.
    with contextlib.suppress(OSError):
        os.close(open_private(file, os.O_RDWR | os.O_CREAT))


def _prepare_sqlite(engine: Engine, busy_s: float) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # pysqlite would begin late and lock late; we begin ourselves, in the listener below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={int(busy_s * 1000)}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(engine: Engine, busy_s: float) -> Refusal | None:
    """Switch a SQLite file to WAL once; the switch ignores busy_timeout, so two openers take turns here."""
    if engine.dialect.name != "sqlite":
        return None
    deadline = time.monotonic() + busy_s
    while True:
        try:
            raw = engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA journal_mode=WAL")
                cursor.close()
                return None
            finally:
                raw.close()
        except engine.dialect.loaded_dbapi.DatabaseError as error:
            away = _trouble(error)
        if time.monotonic() >= deadline or "locked" not in str(away.facts):
            return away
        time.sleep(0.02)


def _bring_to_schema(connection: Connection) -> str:
    """Return the schema's version after making a new database's tables or migrating an older one's."""
    hall_meta.create(connection, checkfirst=True)
    found = fact(connection, "schema_ver")
    if found is None:
        metadata.create_all(connection)
        add_fact(connection, "schema_ver", str(SCHEMA_VER))
        return str(SCHEMA_VER)
    if found in map(str, range(1, SCHEMA_VER)):
        migrate(connection, int(found))
        found = str(SCHEMA_VER)
    # SQLite lets a transaction begin on a file that may only be read; a write now tells the truth at once.
    connection.execute(update(hall_meta).where(hall_meta.c.key == "schema_ver").values(value=found))
    return found
