"""Passwords: right, wrong, locked, and locked still after a reopening, a kill or a moved clock."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import argon2
import pytest

from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.password_rule import load_password_rule
from app.hall.training_staff import seed_training_staff, training_password
from app.hall.values import StaffRecord

if TYPE_CHECKING:
    from tests.hall.conftest import HandClock


@pytest.fixture
def staffed(hall: Hall) -> Hall:
    assert hall.has_staff() is False
    hall.add_staff("0317", "林晓", "person-1", "right", ["clerk", "reviewer"])
    return hall


def fail(hall: Hall, times: int) -> list[str]:
    answers = [hall.check_password("0317", "wrong") for _ in range(times)]
    assert all(isinstance(answer, Refusal) for answer in answers)
    return [answer.code for answer in answers]


def test_the_right_password_opens_and_its_hash_is_argon2id(staffed: Hall, tmp_path: Path) -> None:
    record = StaffRecord("0317", "林晓", "person-1", frozenset({"clerk", "reviewer"}))
    assert staffed.check_password("0317", "right") == record
    assert staffed.has_staff() is True
    reader = sqlite3.connect(tmp_path / "hall.db")
    [(verifier,)] = reader.execute("SELECT password FROM staff").fetchall()
    reader.close()
    assert verifier.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_unknown_wrong_and_retired_read_the_same(staffed: Hall) -> None:
    staffed.add_staff("0999", "何平", "person-2", "right", [], active=False)
    answers = {staffed.check_password(*pair) for pair in (("0317", "wrong"), ("4711", "right"), ("0999", "right"))}
    assert answers == {Refusal("STAFF-UNKNOWN-OR-PASSWORD")}


def test_a_number_given_twice_is_refused(staffed: Hall) -> None:
    assert staffed.add_staff("0317", "别人", "person-9", "x", []) == Refusal.of("STAFF-EXISTS", staff_no="0317")


def test_success_forgets_earlier_failures(staffed: Hall) -> None:
    fail(staffed, 4)
    assert isinstance(staffed.check_password("0317", "right"), StaffRecord)
    assert fail(staffed, 4) == ["STAFF-UNKNOWN-OR-PASSWORD"] * 4
    assert isinstance(staffed.check_password("0317", "right"), StaffRecord)


def test_five_failures_lock_for_ten_minutes_and_then_twice_as_long(staffed: Hall, clock: HandClock) -> None:
    assert fail(staffed, 6) == ["STAFF-UNKNOWN-OR-PASSWORD"] * 4 + ["STAFF-LOCKED"] * 2
    assert staffed.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=10)
    clock.pass_time(minutes=9, seconds=59)
    assert staffed.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=1)
    clock.pass_time(seconds=1)
    assert fail(staffed, 5)[-1] == "STAFF-LOCKED"
    assert staffed.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=20)
    clock.pass_time(minutes=20)
    assert isinstance(staffed.check_password("0317", "right"), StaffRecord)


def test_the_lock_outlives_a_reopening(staffed: Hall, url: str, clock: HandClock) -> None:
    fail(staffed, 5)
    staffed.close()
    again = Hall.open(url, clock)
    assert isinstance(again, Hall)
    assert again.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=10)
    clock.boot = "boot-2"
    clock.seconds = 1.0
    assert again.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=10)
    clock.pass_time(minutes=10)
    assert isinstance(again.check_password("0317", "right"), StaffRecord)
    again.close()


def test_moving_the_wall_clock_opens_nothing(staffed: Hall, clock: HandClock) -> None:
    fail(staffed, 5)
    clock.wall = clock.wall.replace(year=2027)
    assert staffed.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=10)


def test_a_try_that_is_killed_before_the_check_counts(staffed: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: object) -> bool:
        raise KeyboardInterrupt

    for _ in range(5):
        with monkeypatch.context() as patch:
            patch.setattr(argon2.PasswordHasher, "verify", killed)
            with pytest.raises(KeyboardInterrupt):
                staffed.check_password("0317", "right")
    assert staffed.check_password("0317", "right") == Refusal.of("STAFF-LOCKED", minutes=10)


def test_a_weaker_verifier_is_renewed_at_sign_in(staffed: Hall, tmp_path: Path) -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("right")
    writer = sqlite3.connect(tmp_path / "hall.db")
    writer.execute("UPDATE staff SET password=?", (weak,))
    writer.commit()
    assert isinstance(staffed.check_password("0317", "right"), StaffRecord)
    assert "m=65536" in writer.execute("SELECT password FROM staff").fetchone()[0]
    writer.close()
    assert isinstance(staffed.check_password("0317", "right"), StaffRecord)


def test_who_was_added_is_told_by_the_op_id(hall: Hall) -> None:
    assert isinstance(hall.add_staff("0411", "何平", "person-4", "right", ["guide"], op_id="a1"), StaffRecord)
    assert isinstance(hall.add_staff("0411", "何平", "person-4", "right", ["guide"], op_id="a2"), Refusal)
    assert (hall.probe_staff("a1"), hall.probe_staff("a2")) == ("0411", None)


@pytest.mark.parametrize(
    ("password", "strong"),
    [
        ("training-2026", True),
        ("Aa1Aa1Aa1A", True),
        ("口令口令口令口令a1", True),
        ("Aa1Aa1Aa1", False),
        ("abcdefghij", False),
        ("abcdefgh12", False),
        ("", False),
        (" " * 12, False),
        ("Password-0411", False),
    ],
)
def test_a_password_is_long_mixed_and_without_the_staff_number(password: str, strong: bool) -> None:
    refused = load_password_rule().check(password, "0411")
    assert refused == (None if strong else Refusal.of("STAFF-PASSWORD-WEAK", least=10, kinds=3))


def test_training_people_come_only_once(hall: Hall) -> None:
    assert hall.has_staff() is False
    assert seed_training_staff(hall) is None
    assert seed_training_staff(hall) is None
    clerk = hall.check_password("0317", training_password())
    reviewer = hall.check_password("0102", training_password())
    assert isinstance(clerk, StaffRecord)
    assert isinstance(reviewer, StaffRecord)
    assert (clerk.name, clerk.roles, reviewer.roles) == ("林晓", frozenset({"clerk"}), frozenset({"reviewer"}))
    assert clerk.person_id != reviewer.person_id


def test_a_hall_that_goes_away_while_seeding_says_so(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Refusal("HALL-AWAY")
    monkeypatch.setattr(hall, "add_missing_staff", lambda *_: away)
    assert seed_training_staff(hall) == away


def test_a_hall_for_real_work_gets_no_training_people(hall: Hall) -> None:
    assert hall.claim(Mode.REAL) is None
    assert seed_training_staff(hall) == Refusal("HALL-IS-REAL")
    assert hall.has_staff() is False
    assert hall.claim(Mode.REAL) is None


@pytest.mark.skipif(os.name != "posix", reason="a file's mode is POSIX's")
def test_the_hall_on_this_machine_is_read_by_its_account_alone(staffed: Hall, tmp_path: Path, clock: HandClock) -> None:
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("hall.db*")}
    assert modes == dict.fromkeys(("hall.db", "hall.db-wal", "hall.db-shm"), 0o600)
    staffed.close()
    (tmp_path / "hall.db").chmod(0o644)
    again = Hall.open(hall_url(tmp_path), clock)
    assert isinstance(again, Hall)
    again.close()
    assert (tmp_path / "hall.db").stat().st_mode & 0o777 == 0o600
