"""`yikatong journal rotate-key`: only who is registered as security administrator, by password."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.verbs.entry import main
from tests.unit.verbs.staffed_hall import PASSWORD, make_staffed_hall


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    journal = Journal.open(tmp_path, machine_key_store(tmp_path), SystemClock())
    assert isinstance(journal, Journal)
    journal.run(lambda tx: tx.save_receipt("job-1", "op-1", "title", b"%PDF")).result()
    journal.close()
    make_staffed_hall(tmp_path)
    return tmp_path


def rotate(folder: Path, monkeypatch: pytest.MonkeyPatch, number: str, password: str = PASSWORD) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{number}\n{password}\n"))
    return main(["journal", "rotate-key", "--data", str(folder), "--json"])


def test_the_security_administrator_rotates(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotate(folder, monkeypatch, "0901") == 0
    assert json.loads(capsys.readouterr().out) == {"key_id": 2, "sealed_anew": 1}
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    assert isinstance(journal, Journal)
    assert journal.run(lambda tx: (tx.data_keys.retiring(), tx.receipt("job-1").pdf)).result() == ((), b"%PDF")
    journal.close()


@pytest.mark.parametrize(
    ("number", "password", "code"),
    [("0317", PASSWORD, "NOT-PERMITTED"), ("0901", "wrong", "STAFF-UNKNOWN-OR-PASSWORD"), ("", "", "STAFF-UNKNOWN")],
)
def test_nobody_else_does(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: str,
    password: str,
    code: str,
) -> None:
    assert rotate(folder, monkeypatch, number, password) == 2
    assert capsys.readouterr().err.startswith(code)


def test_not_while_a_counter_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.services import data_folder

    held = data_folder.hold(folder)
    assert not isinstance(held, Refusal)
    assert rotate(folder, monkeypatch, "0901") == 2
    assert capsys.readouterr().err.startswith("DATA-FOLDER-IN-USE")
    held.release()
