"""A hall that is locked, unwritable, damaged or of another version is a refusal, never a trace."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.catalogue import sentences
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.schema import SCHEMA_VER, staff
from app.hall.values import HallStep, HallTicket, IssuedBy

if TYPE_CHECKING:
    from tests.hall.conftest import HandClock

CALLS: dict[str, Callable[[Hall], object]] = {
    "issue": lambda hall: hall.issue("i2", "A", IssuedBy.TAP),
    "day_key": lambda hall: hall.day_key(),
    "claim_next": lambda hall: hall.claim_next("c1", "3"),
    "start": lambda hall: hall.start("s1", 1, "3"),
    "recall": lambda hall: hall.recall("r1", 1, "3"),
    "cancel": lambda hall: hall.cancel("e1", 1),
    "check_password": lambda hall: hall.check_password("0317", "x"),
    "add_staff": lambda hall: hall.add_staff("0317", "林晓", "p1", "x", ()),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_locked_hall_is_away_and_comes_back(url: str, clock: HandClock, tmp_path: Path, name: str) -> None:
    hall = Hall.open(url, clock, busy_s=0.05)
    assert isinstance(hall, Hall)
    assert isinstance(hall.issue("i1", "A", IssuedBy.TAP), HallTicket)
    other = sqlite3.connect(tmp_path / "hall.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = CALLS[name](hall)
    assert isinstance(refused, Refusal)
    assert refused.code == "HALL-AWAY"
    assert hall.probe(HallStep.ISSUE, "i1") is not None
    other.execute("ROLLBACK")
    other.close()
    after = CALLS[name](hall)
    assert not isinstance(after, Refusal) or after.code != "HALL-AWAY"
    hall.close()


def test_opening_a_locked_hall_is_refused_after_the_wait(url: str, clock: HandClock, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "hall.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    refused = Hall.open(url, clock, busy_s=0.05)
    other.close()
    assert isinstance(refused, Refusal)
    assert refused.code == "HALL-AWAY"


def test_a_hall_that_may_only_be_read_is_away(hall: Hall, clock: HandClock, tmp_path: Path) -> None:
    refused = Hall.open(f"sqlite:///file:{tmp_path / 'hall.db'}?mode=ro&uri=true", clock)
    assert isinstance(refused, Refusal)
    assert refused.code == "HALL-AWAY"


def test_a_folder_that_is_not_there_is_away(clock: HandClock, tmp_path: Path) -> None:
    refused = Hall.open(hall_url(tmp_path / "nowhere"), clock)
    assert isinstance(refused, Refusal)
    assert refused.code == "HALL-AWAY"


def test_a_file_that_is_no_database_is_away(clock: HandClock, tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_bytes(b"this is no database" * 400)
    refused = Hall.open(hall_url(tmp_path), clock)
    assert isinstance(refused, Refusal)
    assert refused.code == "HALL-AWAY"


def test_a_hall_of_another_version_is_refused_with_both(hall: Hall, url: str, clock: HandClock, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "hall.db")
    other.execute("UPDATE hall_meta SET value=? WHERE key='schema_ver'", (str(SCHEMA_VER + 1),))
    other.commit()
    other.close()
    assert Hall.open(url, clock) == Refusal.of("HALL-SCHEMA-OTHER", found=SCHEMA_VER + 1, known=SCHEMA_VER)


def test_a_defect_of_ours_is_not_called_away(hall: Hall) -> None:
    hall.add_staff("0317", "林晓", "p1", "x", ())
    twice = insert(staff).values(
        staff_no="0317", name="x", person_id="x", password="x", roles="", active=True, failed=0
    )
    with pytest.raises(IntegrityError):
        hall._connection.write(lambda connection: connection.execute(twice))


def test_the_hall_is_written_ahead_and_synced_in_full(hall: Hall) -> None:
    def pragmas(connection: object) -> tuple[object, object]:
        execute = connection.exec_driver_sql
        return execute("PRAGMA journal_mode").scalar_one(), execute("PRAGMA synchronous").scalar_one()

    assert hall._connection.read(pragmas) == ("wal", 2)


def test_every_code_has_its_own_sentence() -> None:
    table = sentences.load()
    codes = ["HALL-AWAY", "HALL-SCHEMA-OTHER", "HALL-WINDOW-BUSY", "HALL-TICKET-MOVED", "HALL-TICKET-UNKNOWN"]
    codes += ["QUEUE-GROUP-UNKNOWN", "QUEUE-NUMBER-HELD", "QUEUE-OTHER-HOLDER", "CARD-PERSON-UNREAD"]
    codes += ["STAFF-UNKNOWN-OR-PASSWORD", "STAFF-LOCKED", "STAFF-EXISTS", "HALL-STAFF-NONE"]
    codes += ["STAFF-ROLE-UNKNOWN", "STAFF-PASSWORD-WEAK", "STAFF-PASSWORDS-DIFFER"]
    assert len({table.code(code).text for code in codes}) == len(codes)
    assert all(code in table.entries for code in codes)


def test_a_database_without_its_driver_is_told(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert Hall.open("postgresql://127.0.0.1/hall", clock) == Refusal.of("HALL-DRIVER-NONE", driver="psycopg")
