"""`yikatong journal search`: whole words only, by who may, asked unseen and never written down."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.operation import Destination
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.journal.search_tokens import Findable
from app.verbs.entry import main
from tests.unit.journal.scenery import StillClock, operation
from tests.unit.verbs.staffed_hall import PASSWORD, make_staffed_hall

NAME, NUMBER = "林小满", "350100198506120013"

Search = Callable[..., tuple[int, str]]


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Search:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    journal = opened(tmp_path)
    taken = operation(StillClock())
    journal.run(lambda tx: tx.enqueue(taken, (Destination.PROVINCE,), Findable((NAME,), (NUMBER,)))).result()
    journal.close()
    make_staffed_hall(tmp_path)

    def run(typed: str, kind: str, *more: str, by: str = "0317", password: str = PASSWORD) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n{typed}\n"))
        code = main(["journal", "search", "--data", str(tmp_path), "--by", by, "--as", kind, *more])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def opened(folder: Path) -> Journal:
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    assert isinstance(journal, Journal)
    return journal


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", NUMBER), ("last-four", "0013"), ("name", NAME), ("initials", "lxm")]
)
def test_what_is_typed_whole_is_found(search: Search, tmp_path: Path, kind: str, typed: str) -> None:
    code, told = search(typed, kind, "--json")
    (found,) = json.loads(told)
    assert (code, found["clerk"]) == (0, "0007")
    assert search(typed[:-1], kind, "--json") == (0, "[]\n")
    journal = opened(tmp_path)
    rows = [row for row in journal.run(lambda tx: tx.audit_rows(9)).result() if row.event == "record.search"]
    journal.close()
    assert len(rows) == 2
    assert typed not in repr(rows)


def test_a_table_for_people_tells_no_name(search: Search) -> None:
    code, told = search(NAME, "name")
    assert code == 0
    assert "办件编号" in told
    assert NAME not in told


@pytest.mark.parametrize(
    ("by", "password", "code"),
    [
        ("0901", PASSWORD, "NOT-PERMITTED"),
        ("0317", "wrong", "STAFF-UNKNOWN-OR-PASSWORD"),
        ("", "", "STAFF-UNKNOWN"),
    ],
)
def test_nobody_else_searches(search: Search, by: str, password: str, code: str) -> None:
    ended, told = search(NAME, "name", by=by, password=password)
    assert ended == 2
    assert told.startswith(code)
