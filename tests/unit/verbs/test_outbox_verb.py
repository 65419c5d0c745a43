"""`yikatong outbox drain`: how it tells what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.services import offline_folder
from app.verbs.entry import main


@pytest.mark.parametrize("pending", [0, 3])
def test_rows_that_are_left_are_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pending: int
) -> None:
    answer = {"pending": pending, "tasks": 0, "oldest_age_s": 1.0}
    monkeypatch.setattr(offline_folder, "drain", lambda *_arguments: answer)
    assert main(["outbox", "drain", "--data", str(tmp_path), "--json"]) == (2 if pending else 0)
    captured = capsys.readouterr()
    assert json.loads(captured.out) == answer
    lines = captured.err.splitlines()
    assert [line.split()[0] for line in lines] == (["OUTBOX-LEFT"] if pending else [])
    assert all("3" in line for line in lines)


def test_a_folder_without_a_journal_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outbox", "drain", "--data", str(tmp_path), "--province", "notaurl"]) == 2
    assert capsys.readouterr().err.startswith("JOURNAL-NONE ")
    assert list(tmp_path.iterdir()) == []
