"""Back-up, restore and purge on the command line: a line in words or JSON, an error with a code and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import KEY_STORE_VARIABLE, machine_key_store
from app.verbs.entry import main


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(KEY_STORE_VARIABLE, "file")
    folder = tmp_path / "data"
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    assert isinstance(journal, Journal)
    journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    journal.close()
    return folder


def test_there_and_back(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    back, new, key = str(tmp_path / "back"), str(tmp_path / "new"), str(data / "journal.key")
    assert main(["journal", "backup", "--training", "--data", str(data), "--out", back, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["file"], made["for_province"], len(made["sm3"])) == (back, False, 64)
    assert main(["journal", "backup", "--training", "--data", str(data), "--out", back]) == 2
    assert capsys.readouterr().err.startswith("BACKUP-EXISTS ")
    assert main(["journal", "restore", "--data", new, "--from", back]) == 2
    assert capsys.readouterr().err.startswith("RESTORE-KEY-NONE ")
    assert main(["journal", "restore", "--data", new, "--from", back, "--key", key, "--json"]) == 0
    restored = json.loads(capsys.readouterr().out)
    assert restored["last_at"]
    assert {**restored, "last_at": ""} == {"operations": 0, "last_at": "", "chain_ok": True, "damaged": False}
    assert main(["journal", "verify", "--data", new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 2
    assert main(["journal", "restore", "--data", new, "--from", back]) == 2
    assert capsys.readouterr().err.startswith("RESTORE-FOLDER-NOT-EMPTY ")


def test_the_province_of_a_training_restore_is_on_this_machine(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["journal", "restore", "--training", "--data", str(tmp_path / "new"), "--from", str(data)]
    assert main([*arguments, "--province", "http://192.0.2.1:80"]) == 2
    assert capsys.readouterr().err.startswith("INPUT-WRONG ")


def test_a_purge_is_only_counted_here(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "purge", "--data", str(data), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"receipts": 0, "print_jobs": 0, "logs": 0}
    assert main(["journal", "purge", "--data", str(data), "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    with pytest.raises(SystemExit) as ended:
        main(["journal", "purge", "--data", str(data)])
    assert ended.value.code == 2
