"""The encrypted file: an SQLAlchemy connection over SQLCipher, opened, checked and brought to this schema."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

from app.domain.refusal import Refusal
from app.journal.digest import derive_keys
from app.journal.migrations import SCHEMA, migrate
from app.journal.trouble import JournalRefused, refusal_of

DATABASE_FILE = "journal.db"
BUSY_TIMEOUT_S = 3.0
CACHE_KIB = 32 << 10
"""Random pages of the search index are read, decrypted and checked anew as soon as they do not fit."""
LEAST_ROOM_BYTES = 1 << 16
"""SQLite's shared memory file alone takes 32 KiB."""
_SYNCHRONOUS_FULL = 2


@dataclass(frozen=True)
class Access:
    """How a file is opened; the raw key is never shown."""

    file: Path
    key: bytes = field(repr=False)
    read_only: bool = False


class _Cursor(Protocol):
    def fetchone(self) -> tuple[object, ...] | None: ...


class _Driver(Protocol):
    def execute(self, sql: str) -> _Cursor: ...

    def close(self) -> None: ...


def exists(folder: Path) -> bool:
    """Tell whether a folder holds a journal; an empty file is one whose making was cut short."""
    file = folder / DATABASE_FILE
    return file.exists() and file.stat().st_size > 0


def connect(access: Access, schema: int = SCHEMA) -> Connection:
    """Open a connection for this thread alone; each of its transactions is BEGIN IMMEDIATE; raises JournalRefused.

    An older `schema` is for a copy that was made of one: its rows fit into no other.

    Codes: JOURNAL-KEY-WRONG, JOURNAL-BUSY, JOURNAL-DAMAGED, JOURNAL-TOO-NEW, JOURNAL-TOO-OLD (read only),
    JOURNAL-NOT-DURABLE, DISK-FULL, JOURNAL-DISK-FAILING, DATA-FOLDER-UNUSABLE.
    """
    with telling_trouble(), telling_full(access.file.parent):
        driver = _open(access)
    # What a statement was given is personal: no error may carry it into a log.
    engine = create_engine("sqlite://", module=dbapi2, creator=lambda: driver, poolclass=NullPool, hide_parameters=True)
    begin = "BEGIN" if access.read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    with ExitStack() as undo:
        connection = engine.connect()
        undo.callback(connection.close)
        with telling_trouble(), telling_full(access.file.parent):
            _bring_to_schema(connection, access, schema)
        undo.pop_all()
        return connection


def is_sound(connection: Connection) -> bool:
    """Read every page once and tell whether the structure holds."""
    with connection.begin():
        return bool(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok")


@contextmanager
def telling_trouble() -> Iterator[None]:
    """Raise JournalRefused for what the world did to the file; defects pass."""
    try:
        yield
    except (DBAPIError, dbapi2.Error) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise JournalRefused(refusal) from error


@contextmanager
def telling_full(folder: Path) -> Iterator[None]:
    """Raise JournalRefused(DISK-FULL) for an input or output error where the disk has no room left.

    SQLite calls it a failing disk when its shared memory file does not fit, and this driver keeps the reason back.
    """
    try:
        yield
    except (DBAPIError, dbapi2.Error, JournalRefused) as error:
        refusal = error.refusal if isinstance(error, JournalRefused) else refusal_of(error)
        failing = refusal is not None and refusal.code == "JOURNAL-DISK-FAILING"
        if failing and shutil.disk_usage(folder).free < LEAST_ROOM_BYTES:
            raise JournalRefused(Refusal("DISK-FULL")) from error
        raise


def _open(access: Access) -> _Driver:
    # mode=rw never makes a file by itself: reading an empty folder must not leave one.
    driver: _Driver = dbapi2.connect(
        f"{access.file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S
    )
    try:
        driver.execute("PRAGMA cipher_log_level = NONE")
        driver.execute(f"PRAGMA key = \"x'{access.key.hex()}'\"")
        _read_first_page(driver)
        driver.execute("PRAGMA foreign_keys = ON")
        # REPLACE deletes rows; the triggers that forbid it see that only with this.
        driver.execute("PRAGMA recursive_triggers = ON")
        driver.execute("PRAGMA temp_store = MEMORY")
        driver.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if access.read_only:
            driver.execute("PRAGMA query_only = ON")
        else:
            # What is overwritten or deleted leaves no bytes in the pages: keys of the audit chain are wiped so.
            driver.execute("PRAGMA secure_delete = ON")
            _make_durable(driver)
    except (dbapi2.Error, JournalRefused):
        driver.close()
        raise
    return driver


def _read_first_page(driver: _Driver) -> None:
    try:
        # Of the header alone: a damaged page of the schema is no wrong key.
        driver.execute("PRAGMA user_version").fetchone()
    except dbapi2.Error as error:
        refusal = refusal_of(error)
        if refusal is not None and refusal.code == "JOURNAL-DAMAGED":
            # A first page that does not decrypt: the key is not this file's.
            raise JournalRefused(Refusal("JOURNAL-KEY-WRONG")) from error
        raise


def _make_durable(driver: _Driver) -> None:
    mode = driver.execute("PRAGMA journal_mode = WAL").fetchone()
    driver.execute("PRAGMA synchronous = FULL")
    synchronous = driver.execute("PRAGMA synchronous").fetchone()
    if mode != ("wal",) or synchronous != (_SYNCHRONOUS_FULL,):
        raise JournalRefused(Refusal.of("JOURNAL-NOT-DURABLE", mode=mode, synchronous=synchronous))


def _bring_to_schema(connection: Connection, access: Access, schema: int) -> None:
    with connection.begin():
        stamp: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if stamp > schema:
            raise JournalRefused(Refusal.of("JOURNAL-TOO-NEW", schema=stamp, program=schema))
        if stamp < schema and access.read_only:
            raise JournalRefused(Refusal.of("JOURNAL-TOO-OLD", schema=stamp, program=schema))
        if stamp < schema:
            migrate(connection, stamp, derive_keys(access.key), schema)
