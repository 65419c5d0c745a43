"""Opening a journal: what is made, what is refused, and that nothing is ever replaced."""

from __future__ import annotations

import gc
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import op
from sqlalchemy import inspect

from app.catalogue import sentences
from app.domain.clock import SystemClock
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal import audit_chain, database, migrations
from app.journal.book import Book
from app.journal.database import Access
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, KeyStoreAway
from app.journal.migrations import v0001_first_schema
from app.journal.reading import JournalReader, read_only
from app.journal.tables import METADATA
from app.journal.trouble import JournalRefused, refusal_of
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation

Open = Callable[[], Journal]


def code_of(opened: object) -> str:
    assert isinstance(opened, Refusal)
    assert opened.code in sentences.load().entries
    assert opened.code in sentences.load("en").entries
    return opened.code


def test_schema_is_what_the_tables_say(journal: Journal, folder: Path, key_store: FolderKeyStore) -> None:
    connection = database.connect(Access(folder / "journal.db", key_store.load() or b"", read_only=True))
    inspector = inspect(connection)
    made = {
        name: {(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)}
        for name in inspector.get_table_names()
    }
    keys = {name: inspector.get_pk_constraint(name)["constrained_columns"] for name in made}
    connection.close()
    assert made == {
        table.name: {(c.name, str(c.type), bool(c.nullable)) for c in table.columns}
        for table in METADATA.tables.values()
    }
    assert keys == {t.name: [c.name for c in t.primary_key.columns] for t in METADATA.tables.values()}


def test_durability_is_read_back(journal: Journal, folder: Path, key_store: FolderKeyStore, raw: Callable) -> None:
    assert raw().execute("PRAGMA journal_mode").fetchone() == ("wal",)
    own = journal._book.connection
    ask = "PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA recursive_triggers"
    found = journal.run(lambda _tx: [own.exec_driver_sql(pragma).scalar_one() for pragma in ask]).result()
    assert found == [2, 1, 1]


def test_disk_that_is_not_durable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SYNCHRONOUS_FULL", 3)
    opened = Journal.open(tmp_path, FolderKeyStore(tmp_path, lambda: None), SystemClock())
    assert code_of(opened) == "JOURNAL-NOT-DURABLE"


def test_facts_stay_the_same_when_opened_again(open_journal: Open) -> None:
    first = open_journal()
    facts = first.incarnation, first.machine_id, first.key_strength
    first.close()
    second = open_journal()
    assert (second.incarnation, second.machine_id, second.key_strength) == facts
    assert facts[0] != facts[1]
    assert facts[2] == "file"


def test_nothing_personal_is_readable_on_disk(journal: Journal, folder: Path, clock: StillClock) -> None:
    def write(tx):
        person = tx.person_ref(CITIZEN_NUMBER)
        tx.enqueue(operation(clock, person, note=f"{CITIZEN_NUMBER} 张小满"), ())
        tx.save_receipt("job-1", "op-1", f"{CITIZEN_NUMBER} 张小满", b"%PDF-1.7")

    journal.run(write).result()
    found = b"".join(file.read_bytes() for file in folder.iterdir())
    assert len(found) > 4096
    for text in (CITIZEN_NUMBER, "张小满"):
        for encoding in ("utf-8", "gb18030", "utf-16-le"):
            assert text.encode(encoding) not in found
    journal.close()
    assert CITIZEN_NUMBER.encode() not in (folder / "journal.db").read_bytes()


def test_second_opening_is_refused(
    journal: Journal, folder: Path, key_store: FolderKeyStore, clock: StillClock
) -> None:
    assert code_of(Journal.open(folder, key_store, clock)) == "JOURNAL-BUSY"


def test_key_that_is_gone_is_never_replaced(open_journal: Open, folder: Path, key_store: FolderKeyStore, clock) -> None:
    open_journal().close()
    before = (folder / "journal.db").read_bytes()
    key = (folder / "journal.key").read_text()
    (folder / "journal.key").unlink()
    assert code_of(Journal.open(folder, key_store, clock)) == "JOURNAL-KEY-GONE"
    assert code_of(read_only(folder, key_store, clock)) == "JOURNAL-KEY-GONE"
    assert not (folder / "journal.key").exists()
    assert (folder / "journal.db").read_bytes() == before
    (folder / "journal.key").write_text(key)
    open_journal()


def test_wrong_key_is_told(open_journal: Open, folder: Path, key_store: FolderKeyStore, clock, capfd) -> None:
    open_journal().close()
    (folder / "journal.key").write_text(secrets.token_hex(32))
    assert code_of(Journal.open(folder, key_store, clock)) == "JOURNAL-KEY-WRONG"
    assert code_of(read_only(folder, key_store, clock)) == "JOURNAL-KEY-WRONG"
    assert capfd.readouterr().err == ""


def test_keyring_that_is_away_is_told(open_journal: Open, folder: Path, clock: StillClock) -> None:
    open_journal().close()

    class AwayStore:
        strength = "keyring"

        def load(self) -> bytes | None:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))

        def create(self) -> bytes:
            raise AssertionError

    assert code_of(Journal.open(folder, AwayStore(), clock)) == "JOURNAL-KEYRING-AWAY"
    assert code_of(read_only(folder, AwayStore(), clock)) == "JOURNAL-KEYRING-AWAY"


def test_folder_that_cannot_be_made_is_told(tmp_path: Path, clock: StillClock) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert code_of(Journal.open(blocked / "data", FolderKeyStore(blocked, lambda: None), clock)) == (
        "DATA-FOLDER-UNUSABLE"
    )


def test_key_that_cannot_be_written_is_told(tmp_path: Path, clock: StillClock) -> None:
    (tmp_path / "journal.key.new").mkdir()
    opened = Journal.open(tmp_path, FolderKeyStore(tmp_path, lambda: None), clock)
    assert code_of(opened) == "DATA-FOLDER-UNUSABLE"


def test_key_that_cannot_be_read_is_told(open_journal: Open, folder: Path, key_store: FolderKeyStore, clock) -> None:
    open_journal().close()
    (folder / "journal.key").unlink()
    (folder / "journal.key").mkdir()
    assert code_of(read_only(folder, key_store, clock)) == "DATA-FOLDER-UNUSABLE"


def test_newer_journal_is_left_alone(open_journal: Open, folder: Path, key_store, clock, raw: Callable) -> None:
    open_journal().close()
    raw().execute(f"PRAGMA user_version = {migrations.SCHEMA + 1}")
    assert code_of(Journal.open(folder, key_store, clock)) == "JOURNAL-TOO-NEW"


def test_migration_runs_only_when_the_stamp_differs(open_journal: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    open_journal().close()

    def unwanted(*_args: object) -> None:
        raise AssertionError("migrated again")

    monkeypatch.setattr(database, "migrate", unwanted)
    open_journal()


def test_a_migration_that_raises_leaves_no_thread_no_connection_and_no_lock(
    folder: Path, key_store: FolderKeyStore, open_journal: Open, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_done() -> None:
        op.execute(v0001_first_schema.TABLES[0])
        raise ZeroDivisionError

    before = set(threading.enumerate())
    with monkeypatch.context() as broken:
        broken.setattr(v0001_first_schema, "upgrade", half_done)
        with pytest.raises(ZeroDivisionError):
            Journal.open(folder, key_store, clock)
    assert set(threading.enumerate()) <= before
    # A connection left to another thread complains when it is collected, which fails the test.
    gc.collect()
    assert not (folder / "journal.db-wal").exists()
    assert open_journal().incarnation


def test_a_defect_after_the_migration_leaves_the_file_free(
    open_journal: Open, folder: Path, key_store: FolderKeyStore, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_journal()
    first.close()

    def defect(_book: Book) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(audit_chain, "start", defect)
        with pytest.raises(ZeroDivisionError):
            Journal.open(folder, key_store, clock)
    gc.collect()
    assert open_journal().incarnation == first.incarnation


def test_making_that_was_cut_short_is_done_again(folder: Path, open_journal: Open, key_store: FolderKeyStore) -> None:
    folder.mkdir()
    key_store.create()
    (folder / "journal.db").touch()
    assert open_journal().incarnation


def test_reader_does_not_migrate(folder: Path, key_store: FolderKeyStore, clock: StillClock, raw: Callable) -> None:
    folder.mkdir()
    key_store.create()
    raw().execute("CREATE TABLE t (a)")
    assert code_of(read_only(folder, key_store, clock)) == "JOURNAL-TOO-OLD"


@pytest.mark.parametrize("unclean", [True, False])
def test_damage_is_found_after_an_unclean_end(
    open_journal: Open, folder: Path, key_store: FolderKeyStore, clock: StillClock, raw: Callable, unclean: bool
) -> None:
    journal = open_journal()
    journal.run(lambda tx: [tx.audit("test", "0007", "done", detail={"n": "x" * 500}) for _ in range(600)]).result()
    journal.close()
    if unclean:
        raw().execute("UPDATE meta SET value = 'open' WHERE key = 'session'")
        raw().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection = raw()
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit'").fetchone()
    last = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.close()
    content = bytearray((folder / "journal.db").read_bytes())
    # The audit rows' own pages: their root, and the last ones that were written.
    for page in (root, last - 1, last):
        content[(page - 1) * 4096 + 77] ^= 1
    (folder / "journal.db").write_bytes(content)
    (folder / "journal.db-wal").unlink(missing_ok=True)
    (folder / "journal.db-shm").unlink(missing_ok=True)
    opened = Journal.open(folder, key_store, clock)
    if unclean:
        assert code_of(opened) == "JOURNAL-DAMAGED"
        return
    assert isinstance(opened, Journal)
    with pytest.raises(JournalRefused) as refused:
        opened.run(lambda tx: tx.verify()).result()
    assert refused.value.refusal.code == "JOURNAL-DAMAGED"
    opened.close()


def test_reader_lists_while_a_writer_is_open(
    journal: Journal, folder: Path, key_store: FolderKeyStore, clock: StillClock
) -> None:
    wanted = operation(clock)
    journal.run(lambda tx: tx.enqueue(wanted, (Destination.PROVINCE,))).result()
    reader = read_only(folder, key_store, clock)
    assert isinstance(reader, JournalReader)
    assert [row.op_id for row in reader.read(lambda tx: tx.rows())] == [wanted.op_id]
    journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    assert reader.read(lambda tx: tx.verify()).rows == 1
    with pytest.raises(JournalRefused) as refused:
        reader.read(lambda tx: tx.audit("test", "0007", "done"))
    assert refused.value.refusal.code == "DATA-FOLDER-UNUSABLE"
    reader.close()
    assert journal.run(lambda tx: tx.verify()).result().rows == 1


def test_reader_of_an_empty_folder_leaves_nothing(tmp_path: Path, clock: StillClock) -> None:
    assert code_of(read_only(tmp_path, FolderKeyStore(tmp_path, lambda: None), clock)) == "JOURNAL-NONE"
    assert list(tmp_path.iterdir()) == []


def test_key_is_not_in_what_an_access_shows() -> None:
    shown = repr(Access(Path("journal.db"), b"s3cret"))
    assert "s3cret" not in shown
    assert b"s3cret".hex() not in shown


def test_error_without_a_code_is_a_defect() -> None:
    assert refusal_of(ValueError("no code")) is None
