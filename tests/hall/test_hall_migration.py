"""A hall database that an earlier version made is brought to this one, with its numbers in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, inspect

from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.schema import SCHEMA_VER
from app.hall.values import HallStep, HallTicket, TicketState

if TYPE_CHECKING:
    from tests.hall.conftest import HandClock

VERSION_1 = Path(__file__).with_name("hall_version_1.sql")


@pytest.fixture
def old_url(tmp_path: Path) -> str:
    """Return a version 1 hall in which window 3 called A001 and A002 waits."""
    folder = tmp_path / "old"
    folder.mkdir()
    old = sqlite3.connect(folder / "hall.db")
    old.executescript(VERSION_1.read_text(encoding="utf-8"))
    old.close()
    return hall_url(folder)


def where(index: Mapping[str, Any]) -> str:
    """Return the condition of a partial index."""
    return str(index["dialect_options"].get("sqlite_where", ""))


def shape(url: str) -> dict[str, tuple[object, ...]]:
    """Return every table's columns, keys and indexes."""
    engine = create_engine(url)
    found = inspect(engine)
    told = {
        name: (
            {(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)},
            found.get_pk_constraint(name)["constrained_columns"],
            {tuple(unique["column_names"]) for unique in found.get_unique_constraints(name)},
            {
                (index["name"], tuple(index["column_names"]), bool(index["unique"]), where(index))
                for index in found.get_indexes(name)
            },
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return told


def test_a_migrated_hall_has_the_shape_of_a_new_one(hall: Hall, url: str, old_url: str, clock: HandClock) -> None:
    migrated = Hall.open(old_url, clock)
    assert isinstance(migrated, Hall)
    migrated.close()
    assert shape(old_url) == shape(url)


def test_the_numbers_of_an_older_hall_go_on(old_url: str, clock: HandClock) -> None:
    hall = Hall.open(old_url, clock)
    assert isinstance(hall, Hall)
    current = hall.view("3").current
    assert current is not None
    assert (current.number, current.state) == ("A001", TicketState.CALLED)
    done = hall.finish("e1", current.ticket_id, "3")
    assert done == hall.probe(HallStep.END, "e1")
    claimed = hall.claim_next("c2", "3")
    assert isinstance(claimed, HallTicket)
    assert claimed.number == "A002"
    assert hall.probe(HallStep.CLAIM, "c1") == done
    hall.close()
    again = Hall.open(old_url, clock)
    assert isinstance(again, Hall)
    assert again.view("3").current == claimed
    again.close()


def test_two_processes_may_open_an_older_hall_at_once(old_url: str, clock: HandClock) -> None:
    worker = Path(__file__).with_name("queue_worker.py")
    opening = [subprocess.Popen([sys.executable, worker, old_url, window, "1"], stdout=-3) for window in "456"]
    assert [each.wait(60) for each in opening] == [0, 0, 0]
    hall = Hall.open(old_url, clock)
    assert isinstance(hall, Hall)
    hall.close()


@pytest.mark.parametrize("stamp", ["0", str(SCHEMA_VER + 1), "x"])
def test_a_version_that_is_none_of_ours_is_left_alone(
    old_url: str, clock: HandClock, tmp_path: Path, stamp: str
) -> None:
    other = sqlite3.connect(tmp_path / "old" / "hall.db")
    other.execute("UPDATE hall_meta SET value=? WHERE key='schema_ver'", (stamp,))
    other.commit()
    other.close()
    before = shape(old_url)
    assert Hall.open(old_url, clock) == Refusal.of("HALL-SCHEMA-OTHER", found=stamp, known=SCHEMA_VER)
    assert shape(old_url) == before


@pytest.mark.parametrize(
    ("persons", "mode"),
    [
        ([], None),
        (["350102199003071620"], "real"),
        (["training-person-0317"], "training"),
        (["350102199003071620", "training-person-0317"], "training"),
    ],
)
def test_an_older_hall_is_marked_by_who_is_in_it(
    old_url: str, clock: HandClock, tmp_path: Path, persons: list[str], mode: str | None
) -> None:
    file = sqlite3.connect(tmp_path / "old" / "hall.db")
    for number, person in enumerate(persons):
        file.execute(
            "INSERT INTO staff (staff_no, name, person_id, password, roles, active, failed)"
            " VALUES (?,'x',?,'x','',1,0)",
            (str(number), person),
        )
    file.commit()
    hall = Hall.open(old_url, clock)
    assert isinstance(hall, Hall)
    hall.close()
    found = file.execute("SELECT value FROM hall_meta WHERE key='mode'").fetchone()
    file.close()
    assert found == (None if mode is None else (mode,))
