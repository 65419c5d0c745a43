"""An open journal in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlcipher3 import dbapi2

from app.journal.database import DATABASE_FILE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.transaction import Transaction
from tests.empty_journal import open_empty
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import StillClock

T = TypeVar("T")
Do = Callable[[Callable[[Transaction], T]], T]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as made:
        yield made / "数据 目录#1"


@pytest.fixture
def key_store(folder: Path) -> FolderKeyStore:
    return FolderKeyStore(folder, no_ring)


@pytest.fixture
def open_journal(folder: Path, key_store: FolderKeyStore, clock: StillClock) -> Iterator[Callable[[], Journal]]:
    opened: list[Journal] = []

    def open_one() -> Journal:
        if (folder / DATABASE_FILE).exists():
            journal = Journal.open(folder, key_store, clock)
            assert isinstance(journal, Journal), journal
        else:
            journal = open_empty(folder, clock)
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(open_journal: Callable[[], Journal]) -> Journal:
    return open_journal()


@pytest.fixture
def do(journal: Journal) -> Do:
    return lambda work: journal.run(work).result(timeout=10)


@pytest.fixture
def raw(folder: Path, key_store: FolderKeyStore) -> Iterator[Callable[[], dbapi2.Connection]]:
    """Open the encrypted file as somebody who has the key and none of the program's manners."""
    opened = []

    def open_one() -> dbapi2.Connection:
        connection = dbapi2.connect(str(folder / "journal.db"), isolation_level=None)
        opened.append(connection)
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key_store.load().hex()}'\"")
        return connection

    yield open_one
    for connection in opened:
        connection.close()
