"""A defect is logged with its place, and without the personal data that it was about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.hall.connection import HallConnection, hall_url
from app.hall.schema import staff
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.tables import META
from app.journal.transaction import Transaction
from app.training.store import open_store
from ui.bridge import Bridge

NUMBER = "350102199003071621"


@pytest.fixture
def journal(tmp_path: Path):
    opened = Journal.open(tmp_path / "data", FolderKeyStore(tmp_path / "data", no_ring), SystemClock())
    assert isinstance(opened, Journal)
    yield opened
    opened.close()


@pytest.fixture
def hall(tmp_path: Path):
    opened = HallConnection.open(hall_url(tmp_path))
    assert isinstance(opened, HallConnection)
    yield opened
    opened.close()


def twice_in_the_journal(tx: Transaction) -> None:
    for _ in range(2):
        tx._book.connection.execute(insert(META).values(key=NUMBER, value=NUMBER))


def twice_in_the_hall(connection) -> None:
    row = {"name": "x", "person_id": NUMBER, "password": NUMBER, "roles": "", "active": True, "failed": 0}
    for _ in range(2):
        connection.execute(insert(staff).values(staff_no="1", **row))


def badly_read() -> None:
    try:
        int(NUMBER + "x")
    except ValueError as error:
        raise KeyError(NUMBER) from error


@pytest.mark.expects_log
@pytest.mark.parametrize("where", ["journal", "hall", "code"])
def test_a_defect_leaves_no_personal_data_in_the_log(qtbot, caplog, journal, hall, where):
    works: dict[str, Callable[[], object]] = {
        "journal": lambda: journal.run(twice_in_the_journal).result(),
        "hall": lambda: hall.write(twice_in_the_hall),
        "code": badly_read,
    }
    bridge = Bridge()
    told: list[object] = []
    bridge.run(works[where], told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert not bridge.busy
    bridge.close()
    (record,) = caplog.records
    name = "KeyError" if where == "code" else "IntegrityError"
    assert told == [Refusal.of("DEFECT", name=name)]
    assert name in caplog.text
    assert "test_defect_log.py" in caplog.text
    assert NUMBER not in caplog.text
    assert NUMBER not in str(record.__dict__)


def test_no_engine_tells_what_a_statement_was_given(journal, hall, tmp_path):
    store = open_store(tmp_path)
    engines: list[Engine] = [
        journal.run(lambda tx: tx._book.connection.engine).result(),
        hall._engine,
        hall._writing,
        store,
    ]
    assert [engine.hide_parameters for engine in engines] == [True] * 4
    store.dispose()


def test_the_exception_itself_is_silent_too(journal):
    with pytest.raises(IntegrityError) as raised:
        journal.run(twice_in_the_journal).result()
    assert NUMBER not in str(raised.value)
