"""Journals of every released schema, with queued rows: each migrates, verifies, delivers, and can be anchored.

`kept/schema_N` holds a file that the program of that schema wrote, and its key; people in it are fictional.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.digest import payload_sm3
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.audit_verify import ALTERED, MISSING, Verification
from app.journal.dispatch import Dispatcher
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.migrations import SCHEMA, v0008_envelopes
from app.journal.reading import read_only
from app.journal.saga_values import StepState
from app.journal.search_tokens import SearchKind
from tests.unit.journal.desk_province import DeskProvince
from tests.unit.journal.scenery import StillClock, ToldProvince

KEPT = Path(__file__).with_name("kept")
V1_ROWS = 30
COLUMNS = ("at", "actor", "event", "op_id", "result", "detail", "prev_sm3", "sm3")


@pytest.fixture
def schema() -> str:
    return "schema_1"


@pytest.fixture
def folder(tmp_path: Path, schema: str) -> Path:
    shutil.copytree(KEPT / schema, tmp_path / "数据")
    return tmp_path / "数据"


@pytest.fixture
def loose(journal: Journal, raw: Callable) -> Callable:
    connection = raw()
    for verb in ("insert", "update", "delete"):
        connection.execute(f"DROP TRIGGER audit_v1_no_{verb}")
    for verb in ("update", "delete"):
        connection.execute(f"DROP TRIGGER audit_start_no_{verb}")
    return connection.execute


def test_what_is_kept_is_older_than_this_program() -> None:
    assert "schema_1" in {folder.name for folder in KEPT.iterdir()} <= {f"schema_{older}" for older in range(1, SCHEMA)}


def test_reading_does_not_migrate(folder: Path, key_store: FolderKeyStore, clock: StillClock) -> None:
    before = (folder / "journal.db").read_bytes()
    refused = read_only(folder, key_store, clock)
    assert isinstance(refused, Refusal)
    assert refused.code == "JOURNAL-TOO-OLD"
    assert (folder / "journal.db").read_bytes() == before


def test_everything_is_carried_over(journal: Journal, do: Callable) -> None:
    assert do(lambda tx: tx.verify()) == Verification(V1_ROWS, True, None, None, 0, V1_ROWS)
    summary = do(lambda tx: tx.summary())
    assert (summary.pending, summary.tasks) == (4, 2)
    assert sorted(row.device_seq for row in do(lambda tx: tx.rows())) == [1, 2, 3, 4, 5, 6, 7]
    (open_step,) = do(lambda tx: tx.sagas.moving(due=True))
    assert open_step.name == "hall_step"
    assert [row.state for row in do(lambda tx: tx.sagas.view(open_step.saga_id)).steps] == [StepState.UNKNOWN]
    assert len(do(lambda tx: tx.print_jobs())) == 0
    assert do(lambda tx: tx.receipt("job-0")).pdf == b"%PDF-1.7 fictional"


def test_what_was_in_clear_is_in_envelopes_says_the_same_and_is_found(
    folder: Path, open_journal: Callable, raw: Callable
) -> None:
    old = raw()
    clear = old.execute("SELECT op_id, payload, payload_sm3, acceptance_no FROM operation ORDER BY op_id").fetchall()
    messages = old.execute("SELECT op_id, message FROM task ORDER BY op_id").fetchall()
    old.close()
    journal = open_journal()
    stored = dict(raw().execute("SELECT op_id, payload FROM operation").fetchall())
    for op_id, payload, digest, acceptance_no in clear:
        operation = journal.run(lambda tx, o=op_id: tx.operation(o)).result()
        assert operation.payload == payload
        assert payload_sm3(operation.payload) == digest
        assert stored[op_id][:5] == b"\x01\0\0\0\x01"
        assert len(stored[op_id]) == len(payload.encode()) + 33
        assert op_id in journal.run(lambda tx, a=acceptance_no: tx.search(SearchKind.ACCEPTANCE, a)).result()
    tasks = {task.op_id: task.message for task in journal.run(lambda tx: tx.tasks()).result()}
    assert tasks == {op_id: message for op_id, message in messages if op_id in tasks}
    assert len(clear) == 7


def test_a_migration_that_falls_leaves_the_old_file(
    folder: Path, open_journal: Callable, raw: Callable, monkeypatch: pytest.MonkeyPatch, key_store, clock
) -> None:
    def fall(*_row: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(v0008_envelopes, "_frozen", fall)
        with pytest.raises(ZeroDivisionError):
            Journal.open(folder, key_store, clock)
    old = raw()
    assert old.execute("PRAGMA user_version").fetchone() == (1,)
    assert all(payload.startswith("{") for (payload,) in old.execute("SELECT payload FROM operation").fetchall())
    old.close()
    assert open_journal().run(lambda tx: tx.summary()).result().pending == 4


def test_what_waited_is_delivered_in_order_and_once(journal: Journal, do: Callable, clock: StillClock) -> None:
    waiting = {row.op_id: row.device_seq for row in do(lambda tx: tx.rows()) if row.state == "queued"}
    province = ToldProvince()
    dispatcher = Dispatcher(journal, province, clock, "device-3", limits.load(), jitter=lambda _low, high: high)
    for _ in range(3):
        clock.pass_by(dispatcher.round())
    sent = [op_id for batch in province.uploads for op_id in batch]
    assert sorted(sent) == sorted(waiting)
    by_person: dict[str, list[int]] = {}
    for op_id in sent:
        by_person.setdefault(do(lambda tx, op_id=op_id: tx.operation(op_id)).order_key, []).append(waiting[op_id])
    assert all(numbers == sorted(numbers) for numbers in by_person.values())
    assert max(len(numbers) for numbers in by_person.values()) == 2
    assert do(lambda tx: tx.summary()).pending == 0
    assert do(lambda tx: tx.verify()).rows == V1_ROWS + 4


def test_the_new_chain_goes_on_from_the_old_rows(
    journal: Journal, do: Callable, open_journal: Callable, clock: StillClock, tmp_path: Path, folder: Path
) -> None:
    assert do(lambda tx: tx.audit("test", "0007", "done")) == V1_ROWS + 1
    province = DeskProvince(tmp_path / "province", clock)
    Anchoring(journal, province, clock, "device-3", (AnchorFile(folder),)).round(uploaded=False)
    province.close()
    assert province.anchored == [V1_ROWS + 1]
    assert do(lambda tx: tx.verify()) == Verification(V1_ROWS + 1, True, None, None, V1_ROWS + 1, 0)
    journal.close()
    again = open_journal()
    assert again.run(lambda tx: tx.verify()).result().ok


def test_a_journal_without_rows_migrates_too(tmp_path: Path, clock: StillClock, open_journal: Callable) -> None:
    assert open_journal().run(lambda tx: tx.verify()).result().ok
    fresh = Journal.open(tmp_path / "fresh", FolderKeyStore(tmp_path / "fresh", no_ring), clock)
    assert isinstance(fresh, Journal)
    assert fresh.run(lambda tx: tx.audit("test", "0007", "done")).result() == 1
    fresh.close()


def test_every_single_byte_edit_of_an_old_row_is_found(loose: Callable, do: Callable) -> None:
    loose("PRAGMA synchronous = OFF")
    for column in COLUMNS:
        (stored,) = loose(f"SELECT CAST({column} AS BLOB) FROM audit_v1 WHERE n = 4").fetchone()
        for place in range(len(stored or b"")):
            edited = bytearray(stored)
            edited[place] ^= 1 + place % 255
            loose(f"UPDATE audit_v1 SET {column} = CAST(? AS TEXT) WHERE n = 4", (bytes(edited),))
            found = do(lambda tx: tx.verify())
            assert (found.first_bad, found.reason) == (4, ALTERED), (column, place)
        loose(f"UPDATE audit_v1 SET {column} = CAST(? AS TEXT) WHERE n = 4", (stored,))
    assert do(lambda tx: tx.verify()).ok


@pytest.mark.parametrize(
    ("edit", "first_bad", "reason"),
    [
        ("DELETE FROM audit_v1 WHERE n = 1", 1, MISSING),
        ("DELETE FROM audit_v1 WHERE n = 7", 7, MISSING),
        ("DELETE FROM audit_v1 WHERE n > 20", 21, MISSING),
        ("UPDATE audit_v1 SET op_id = '' WHERE op_id IS NULL AND n = 1", 1, ALTERED),
        ("UPDATE audit_v1 SET n = CASE n WHEN 3 THEN -4 ELSE -3 END WHERE n IN (3, 4)", -4, ALTERED),
        ("INSERT INTO audit_v1 SELECT 31, at, actor, event, op_id, result, detail, sm3, sm3 FROM audit_v1 WHERE n = 30",
         31, ALTERED),
        ("UPDATE audit_start SET sm3 = randomblob(32)", 1, ALTERED),
        ("UPDATE audit_start SET n = 29", 31, MISSING),
        ("UPDATE audit_start SET v1_sm3 = 'x'", 31, MISSING),
    ],
)  # fmt: skip
def test_edits_of_the_old_rows_and_of_the_marker_are_found(
    loose: Callable, do: Callable, edit: str, first_bad: int, reason: str
) -> None:
    loose(edit)
    found = do(lambda tx: tx.verify())
    assert (found.first_bad, found.reason) == (first_bad, reason)


def test_old_rows_rewritten_with_the_journals_key_are_found_by_their_seal(
    journal: Journal, loose: Callable, do: Callable
) -> None:
    from app.journal.audit_v1 import _covered
    from app.journal.digest import keyed_hex

    key, previous = journal._book.keys.audit_chain, "0" * 64
    for number, *values in loose(
        "SELECT n, at, actor, event, op_id, result, detail FROM audit_v1 ORDER BY n"
    ).fetchall():
        values[1] = values[1].replace("0317", "0666")
        bare = [None if value is None else value.encode() for value in (*values, previous)]
        digest = keyed_hex(key, _covered(number, bare))
        loose("UPDATE audit_v1 SET actor = ?, prev_sm3 = ?, sm3 = ? WHERE n = ?", (values[1], previous, digest, number))
        previous = digest
    loose("UPDATE audit_start SET v1_sm3 = ?", (previous,))
    found = do(lambda tx: tx.verify())
    assert (found.first_bad, found.reason) == (1, ALTERED)
