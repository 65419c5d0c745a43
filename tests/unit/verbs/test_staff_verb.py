"""`yikatong staff add`: who may sign in afterwards, what is refused, and where the password never is."""

from __future__ import annotations

import getpass
import io
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from app.domain.citizen_number import check_digit
from app.domain.clock import SystemClock
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import StaffRecord
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services import data_folder
from app.services.hall_steps import ADD_STAFF
from app.services.journal_check import verify_journal
from app.verbs.entry import main
from tests.programs import run

PASSWORD = "Correct-horse-7"
PERSON = "35010219900307162" + check_digit("35010219900307162")


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")


def arguments(folder: Path, staff_no: str = "0411", **more: str) -> list[str]:
    given = {"name": "何平", "role": "clerk", "data": str(folder), **more}
    return ["staff", "add", staff_no, *(part for name, value in given.items() for part in (f"--{name}", value))]


def add(monkeypatch: pytest.MonkeyPatch, command: list[str], password: str = PASSWORD, person: str = PERSON) -> int:
    """Run the verb with number and password on its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{person}\n{password}\n"))
    return main(command)


def who_signs_in(folder: Path, password: str = PASSWORD, url: str | None = None) -> object:
    hall = Hall.open(url or hall_url(folder), SystemClock())
    assert isinstance(hall, Hall)
    checked = hall.check_password("0411", password)
    hall.close()
    return checked


def refused_with(capsys: pytest.CaptureFixture[str], code: str) -> str:
    """Return the one line that was printed, which begins with the code."""
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith(f"{code} ")
    assert captured.out == ""
    return line


def test_who_is_registered_signs_in_with_the_password_and_the_roles(tmp_path, monkeypatch, capsys):
    command = [*arguments(tmp_path), "--role", "reviewer", "--role", "clerk", "--json"]
    assert add(monkeypatch, command) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"staff_no": "0411", "roles": ["clerk", "reviewer"]}
    assert captured.err == ""
    assert who_signs_in(tmp_path) == StaffRecord("0411", "何平", PERSON, frozenset({"clerk", "reviewer"}))
    assert not data_folder.is_held(tmp_path)


def test_every_registration_is_a_command_with_its_audit_row(tmp_path, monkeypatch, capsys):
    assert add(monkeypatch, arguments(tmp_path)) == 0
    assert capsys.readouterr().out == "已登记 0411。\n"
    first = verify_journal(tmp_path)
    assert add(monkeypatch, arguments(tmp_path, name="别人")) == 2
    assert "0411" in refused_with(capsys, "STAFF-EXISTS")
    second = verify_journal(tmp_path)
    assert (first.rows, first.ok, second.rows, second.ok) == (1, True, 2, True)
    assert who_signs_in(tmp_path).name == "何平"


@pytest.mark.parametrize("password", ["", "short-1A", "onlylowercaseletters", "Number-0411-inside"])
def test_a_weak_password_registers_nobody(tmp_path, monkeypatch, capsys, password):
    assert add(monkeypatch, arguments(tmp_path), password) == 2
    line = refused_with(capsys, "STAFF-PASSWORD-WEAK")
    assert "10" in line
    assert not password or password not in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "code", "told"),
    [
        ({"role": "mayor"}, "STAFF-ROLE-UNKNOWN", "mayor"),
        ({"person": PERSON}, "STAFF-PERSON-SEEN", "--person"),
        ({"name": "  "}, "INPUT-WRONG", "--name"),
        ({"staff_no": "04 11"}, "INPUT-WRONG", "staff_no"),
        ({"staff_no": ""}, "INPUT-WRONG", "staff_no"),
        ({"staff_no": "4" * 21}, "INPUT-WRONG", "staff_no"),
    ],
)
def test_what_cannot_be_right_is_refused_before_the_password(tmp_path, monkeypatch, capsys, wrong, code, told):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(arguments(tmp_path, **wrong)) == 2
    assert told in refused_with(capsys, code)
    assert list(tmp_path.iterdir()) == []


def test_a_number_that_is_none_registers_nobody(tmp_path, monkeypatch, capsys):
    assert add(monkeypatch, arguments(tmp_path), person="350102199003071620") == 2
    assert "350102" not in refused_with(capsys, "STAFF-PERSON-WRONG")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_program_holds_is_left_alone(tmp_path, monkeypatch, capsys):
    held = data_folder.hold(tmp_path)
    before = sorted(tmp_path.iterdir())
    done = run(*arguments(tmp_path), stdin=f"{PERSON}\n{PASSWORD}\n")
    held.release()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("DATA-FOLDER-IN-USE ")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == [file for file in before if file.exists()]
    assert add(monkeypatch, arguments(tmp_path)) == 0


def test_a_hall_that_is_away_and_settings_that_are_wrong_are_told(tmp_path, monkeypatch, capsys):
    assert add(monkeypatch, arguments(tmp_path, hall=hall_url(tmp_path / "nowhere"))) == 2
    refused_with(capsys, "HALL-AWAY")
    (tmp_path / "counter.toml").write_text("nonsense", encoding="utf-8")
    assert add(monkeypatch, arguments(tmp_path)) == 2
    refused_with(capsys, "SETTINGS-WRONG")
    (tmp_path / "counter.toml").unlink()
    (tmp_path / "journal.key").unlink()
    assert add(monkeypatch, arguments(tmp_path)) == 2
    refused_with(capsys, "JOURNAL-KEY-GONE")


def test_the_hall_is_the_one_that_the_counter_uses(tmp_path, monkeypatch):
    elsewhere = tmp_path / "server"
    elsewhere.mkdir()
    url = hall_url(elsewhere)
    counter = tmp_path / "counter"
    counter.mkdir()
    (counter / "counter.toml").write_text(f'hall_url = "{url}"\n', encoding="utf-8")
    assert add(monkeypatch, arguments(counter)) == 0
    assert isinstance(who_signs_in(counter, url=url), StaffRecord)
    assert not (counter / "hall.db").exists()


def test_the_password_is_neither_an_argument_nor_written_anywhere(tmp_path, monkeypatch, capsys, caplog):
    with pytest.raises(SystemExit) as ended:
        main([*arguments(tmp_path), "--password", PASSWORD])
    assert ended.value.code == 2
    capsys.readouterr()
    with caplog.at_level("DEBUG"):
        assert add(monkeypatch, arguments(tmp_path)) == 0
    captured = capsys.readouterr()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"$argon2id$" in kept
    for told in (captured.out, captured.err, caplog.text, kept.decode("latin-1")):
        assert PASSWORD not in told
    for told in (captured.out, captured.err, caplog.text):
        assert PERSON not in told


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ([PERSON, PASSWORD, PASSWORD], None),
        ([PERSON, PASSWORD, PASSWORD + "x"], "STAFF-PASSWORDS-DIFFER"),
        ([PERSON[:17]], "STAFF-PERSON-WRONG"),
        ([], "STAFF-PERSON-WRONG"),
    ],
)
def test_at_a_terminal_it_is_typed_twice_and_unseen(tmp_path, monkeypatch, capsys, typed, code):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def unseen(prompt: str) -> str:
        asked.append(prompt)
        if len(asked) > len(typed):
            raise EOFError
        return typed[len(asked) - 1]

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", unseen)
    assert main(arguments(tmp_path)) == (2 if code else 0)
    if code:
        refused_with(capsys, code)
    assert asked == ["身份证号码：", "口令：", "再输一次："][: len(asked)]


@pytest.mark.parametrize(
    ("fault", "registered"), [("after_commit@add_staff", False), (f"before_commit@{ADD_STAFF}", True)]
)
def test_a_registration_that_was_killed_is_asked_in_the_hall(tmp_path, monkeypatch, capsys, fault, registered):
    killed = run(*arguments(tmp_path), stdin=f"{PERSON}\n{PASSWORD}\n", YIKATONG_FAULT=fault)
    assert killed.returncode == -9
    hall = sqlite3.connect(tmp_path / "hall.db")
    assert hall.execute("SELECT count(*) FROM staff").fetchone() == (int(registered),)
    hall.close()
    assert add(monkeypatch, arguments(tmp_path)) == (2 if registered else 0)
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    assert journal.run(lambda tx: tx.sagas.moving(due=False)).result() == ()
    journal.close()
    assert isinstance(who_signs_in(tmp_path), StaffRecord)


ADMIN_PASSWORD, OTHER = "Administrator-9", "35010219850101123" + check_digit("35010219850101123")


def as_administrator(
    monkeypatch: pytest.MonkeyPatch, command: list[str], by: str, password: str, person: str = PERSON
) -> int:
    """Run the verb for an administrator, whose password is the third line of its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{person}\n{PASSWORD}\n{password}\n"))
    return main([*command, "--by", by])


def audited(folder: Path) -> list[tuple[str, str, str]]:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    rows = journal.run(lambda tx: tx.audit_rows(50)).result()
    journal.close()
    return [(row.event, row.actor, row.result) for row in rows]


def test_once_there_is_an_administrator_nobody_else_registers_staff(tmp_path, monkeypatch, capsys):
    first = arguments(tmp_path, "0001", role="administrator")
    assert add(monkeypatch, first, ADMIN_PASSWORD, OTHER) == 0
    assert add(monkeypatch, arguments(tmp_path)) == 2
    captured = capsys.readouterr().err
    assert captured.startswith("STAFF-ADMIN-NEEDED ")
    assert as_administrator(monkeypatch, arguments(tmp_path), "0001", "wrong") == 2
    refused_with(capsys, "STAFF-UNKNOWN-OR-PASSWORD")
    assert as_administrator(monkeypatch, arguments(tmp_path), "0001", ADMIN_PASSWORD) == 0
    another = arguments(tmp_path, "0412")
    assert as_administrator(monkeypatch, another, "0411", PASSWORD) == 2
    refused_with_last(capsys, "NOT-PERMITTED")
    assert [row for row in audited(tmp_path) if row[0] == "staff.add" and row[2] == "done"][-1][1] == "0001"
    assert [row[2] for row in audited(tmp_path) if row[0] == "staff.add"] == ["done", "denied", "done", "denied"]


def refused_with_last(capsys: pytest.CaptureFixture[str], code: str) -> None:
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{code} ")


@pytest.mark.parametrize("role", ["auditor", "security", "clerk"])
def test_no_person_has_two_roles_that_are_apart_in_one_account_or_two(tmp_path, monkeypatch, capsys, role):
    both = [*arguments(tmp_path, role=role), "--role", "administrator"]
    assert add(monkeypatch, both) == 2
    assert "系统管理员" in refused_with(capsys, "STAFF-ROLES-APART")
    assert list(tmp_path.iterdir()) == []
    assert add(monkeypatch, arguments(tmp_path, role=role)) == 0
    second = arguments(tmp_path, "0412", role="administrator")
    assert add(monkeypatch, second, person=PERSON.lower()) == 2
    refused_with_last(capsys, "STAFF-ROLES-APART")
    assert add(monkeypatch, second, person=OTHER) == 0


def test_nobody_is_registered_as_the_systems_account(tmp_path, monkeypatch, capsys):
    assert main(arguments(tmp_path, role="operator")) == 2
    assert "operator" in refused_with(capsys, "STAFF-ROLE-UNKNOWN")


def rows(monkeypatch: pytest.MonkeyPatch, folder: Path, by: str, password: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    return main(["journal", "rows", "--by", by, "--data", str(folder), "--json"])


def test_an_auditor_alone_reads_the_audit_chain_and_the_reading_is_a_row(tmp_path, monkeypatch, capsys):
    assert add(monkeypatch, arguments(tmp_path, role="auditor")) == 0
    assert add(monkeypatch, arguments(tmp_path, "0001", role="administrator"), person=OTHER) == 0
    capsys.readouterr()
    assert rows(monkeypatch, tmp_path, "0411", PASSWORD) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(row["event"], row["result"]) for row in shown] == [
        ("staff.add", "done"),
        ("staff.add", "done"),
        ("staff.sign_in", "done"),
        ("audit.view", "asked"),
    ]
    assert rows(monkeypatch, tmp_path, "0001", PASSWORD) == 2
    refused_with(capsys, "NOT-PERMITTED")
    assert rows(monkeypatch, tmp_path, "0411", "wrong") == 2
    refused_with(capsys, "STAFF-UNKNOWN-OR-PASSWORD")
    assert ("audit.view", "0001", "denied") in audited(tmp_path)
    assert verify_journal(tmp_path).ok


def test_the_matrix_is_printed_with_every_cell(capsys):
    assert main(["roles", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["commands"]["close_task"]["reviewer"] is True
    assert told["queries"]["audit_list"]["clerk"] is False
    assert main(["roles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(told["commands"]) + len(told["queries"])
    assert all(line.count("+") + line.split().count("-") == 8 for line in lines[1:])
