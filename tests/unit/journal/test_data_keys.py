"""Data keys: wrapped, rotated, everything sealed anew in small transactions, and destroyed for good."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.operation import Destination, OperationKind
from app.domain.refusal import Refusal
from app.journal import key_book
from app.journal.digest import derive_keys
from app.journal.envelope import Place, SealingKey, unseal
from app.journal.journal import Journal
from app.journal.reading import JournalReader, read_only
from app.journal.resealing import Resealing, seal_all_anew
from app.journal.sealed_columns import SEALED
from app.journal.search_tokens import SearchKind
from app.journal.trouble import JournalRefused
from tests.unit.journal.scenery import StillClock, operation
from tests.unit.journal.test_audit_chain import decrypted_pages
from tests.unit.journal.test_sealed_columns import SECRET, fill

PROVINCE = Destination.PROVINCE


def key_ids(raw: Callable) -> set[int]:
    """Return under which keys the stored envelopes are."""
    connection = raw()
    return {
        int.from_bytes(value[1:5], "big")
        for table, columns in SEALED.items()
        for column in columns
        for (value,) in connection.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
    }


def states(raw: Callable) -> dict[int, tuple[str, bool]]:
    rows = raw().execute("SELECT key_id, state, wrapped IS NOT NULL FROM data_key ORDER BY key_id").fetchall()
    return {key_id: (state, bool(there)) for key_id, state, there in rows}


def test_a_key_is_stored_wrapped_only(journal: Journal, do: Callable, raw: Callable, folder: Path, key_store) -> None:
    key = do(lambda _tx: journal._book.data_keys.active())
    ((wrapped,),) = raw().execute("SELECT wrapped FROM data_key").fetchall()
    assert key.key not in wrapped
    wrapping = SealingKey(0, derive_keys(key_store.load()).data_key_wrap)
    assert unseal(wrapping, Place("data_key", ("1",), "wrapped"), wrapped) == key.key
    assert len(key.key) == 16


def test_two_journals_have_two_keys(journal: Journal, tmp_path: Path, clock: StillClock, do: Callable) -> None:
    from app.journal.keys import FolderKeyStore, no_ring

    other = Journal.open(tmp_path / "other", FolderKeyStore(tmp_path / "other", no_ring), clock)
    assert isinstance(other, Journal)
    theirs = other.run(lambda _tx: other._book.data_keys.active()).result()
    assert theirs.key != do(lambda _tx: journal._book.data_keys.active()).key
    other.close()


def test_after_a_rotation_everything_is_under_the_new_key_and_says_the_same(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable
) -> None:
    first, second = fill(do, clock)
    before = do(lambda tx: (tx.operation(first), tx.tasks(), tx.receipts_of(second), tx.sagas.view(first)))
    assert do(lambda tx: tx.data_keys.rotate()) == 2
    assert states(raw) == {1: ("retiring", True), 2: ("active", True)}
    wanted = operation(clock, "p", OperationKind.INTAKE)
    do(lambda tx: tx.enqueue(wanted, (PROVINCE,)))
    assert key_ids(raw) == {1, 2}
    assert do(lambda tx: tx.operation(first)) == before[0]
    assert (seal_all_anew(journal) or 0) > 10
    assert key_ids(raw) == {2}
    assert states(raw) == {1: ("destroyed", False), 2: ("active", True)}
    assert do(lambda tx: (tx.operation(first), tx.tasks(), tx.receipts_of(second), tx.sagas.view(first))) == before
    assert do(lambda tx: tx.operation(wanted.op_id)) == wanted
    assert seal_all_anew(journal) == 0


def test_a_pass_that_was_cut_short_is_begun_again(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable, open_journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_book, "SEALED_ANEW", 2)
    monkeypatch.setattr(key_book, "LOOKED_AT", 3)
    made = [operation(clock, f"p{number}") for number in range(9)]
    do(lambda tx: [tx.enqueue(wanted, (PROVINCE,)) for wanted in made])
    do(lambda tx: tx.data_keys.rotate())
    asked = iter([False, False, True])
    assert seal_all_anew(journal, lambda: next(asked)) is None
    assert key_ids(raw) == {1, 2}
    journal.close()
    again = open_journal()
    assert again.run(lambda tx: tx.data_keys.retiring()).result() == (1,)
    assert seal_all_anew(again) == 5
    assert key_ids(raw) == {2}


def test_a_rotation_in_the_middle_of_a_pass_begins_it_anew(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_book, "SEALED_ANEW", 2)
    fill(do, clock)
    do(lambda tx: tx.data_keys.rotate())
    turns = []

    def rotate_once() -> bool:
        turns.append(1)
        if len(turns) == 3:
            do(lambda tx: tx.data_keys.rotate())
        return False

    seal_all_anew(journal, rotate_once)
    assert key_ids(raw) == {3}
    assert states(raw) == {1: ("destroyed", False), 2: ("destroyed", False), 3: ("active", True)}


def test_a_damaged_envelope_stops_the_pass_and_keeps_every_key(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable
) -> None:
    first, _second = fill(do, clock)
    loose = raw()
    loose.execute("DROP TRIGGER operation_payload_only_sealed_anew")
    loose.execute("UPDATE operation SET payload = zeroblob(40) WHERE op_id = ?", (first,))
    do(lambda tx: tx.data_keys.rotate())
    with pytest.raises(JournalRefused) as refused:
        seal_all_anew(journal)
    assert refused.value.refusal == Refusal.of("JOURNAL-DAMAGED", table="operation", row=first)
    assert states(raw)[1] == ("retiring", True)


def test_the_thread_does_it_beside_the_work_and_ends(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable
) -> None:
    fill(do, clock)
    do(lambda tx: tx.data_keys.rotate())
    told: list[Refusal] = []
    resealing = Resealing(journal, told.append)
    resealing.start()
    resealing._thread.join(20)
    assert not resealing._thread.is_alive()
    resealing.stop()
    assert (key_ids(raw), told) == ({2}, [])


def test_the_thread_stops_when_told_and_when_the_journal_closes(
    journal: Journal, do: Callable, clock: StillClock
) -> None:
    fill(do, clock)
    do(lambda tx: tx.data_keys.rotate())
    told: list[Refusal] = []
    stopped, closed = Resealing(journal, told.append), Resealing(journal, told.append)
    Resealing(journal, told.append).stop()
    stopped.start()
    stopped.stop()
    journal.close()
    closed.start()
    closed.stop()
    assert told == []
    assert not [thread for thread in threading.enumerate() if thread.name == "resealing"]


def test_a_reader_of_another_process_follows_a_rotation(
    journal: Journal, do: Callable, clock: StillClock, folder: Path, key_store
) -> None:
    first, _second = fill(do, clock)
    reader = read_only(folder, key_store, clock)
    assert isinstance(reader, JournalReader)
    clear = reader.read(lambda tx: tx.operation(first))
    do(lambda tx: tx.data_keys.rotate())
    seal_all_anew(journal)
    assert reader.read(lambda tx: tx.operation(first)) == clear
    reader.close()


def test_erased_nothing_opens_and_nothing_is_found(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable
) -> None:
    first, _second = fill(do, clock)
    acceptance_no = do(lambda tx: tx.operation(first)).acceptance_no
    assert first in do(lambda tx: tx.search(SearchKind.ACCEPTANCE, acceptance_no))
    do(lambda tx: tx.data_keys.rotate())
    do(lambda tx: tx.data_keys.erase())
    assert states(raw) == {1: ("destroyed", False), 2: ("destroyed", False)}
    for read in (lambda tx: tx.operation(first), lambda tx: tx.tasks(), lambda tx: tx.receipts_of(first)):
        with pytest.raises(JournalRefused) as refused:
            do(read)
        assert refused.value.refusal.code == "JOURNAL-DAMAGED"
    assert do(lambda tx: tx.search(SearchKind.ACCEPTANCE, acceptance_no)) == ()
    assert raw().execute("SELECT count(*) FROM search_index").fetchone() == (0,)
    with pytest.raises(JournalRefused):
        do(lambda tx: tx.enqueue(operation(clock, "p"), (PROVINCE,)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE data_key SET state = 'active', wrapped = x'00', destroyed_at = NULL",
        "UPDATE data_key SET wrapped = x'00'",
        "DELETE FROM data_key",
        "INSERT INTO data_key VALUES (3, 'active', x'00', '', NULL)",
        "INSERT INTO data_key VALUES (3, 'retiring', NULL, '', NULL)",
    ],
)
def test_a_destroyed_key_never_comes_back(do: Callable, raw: Callable, statement: str) -> None:
    do(lambda tx: tx.data_keys.erase())
    do(lambda tx: tx.data_keys.rotate())
    with pytest.raises(Exception, match=r"destroyed|UNIQUE|CHECK"):
        raw().execute(statement)


def test_no_wrapped_key_is_left_in_the_pages(
    journal: Journal, do: Callable, clock: StillClock, raw: Callable, folder: Path, key_store
) -> None:
    fill(do, clock)
    connection = raw()
    ((wrapped,),) = connection.execute("SELECT wrapped FROM data_key").fetchall()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert wrapped in decrypted_pages(folder / "journal.db", key_store.load())
    do(lambda tx: tx.data_keys.erase())
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = decrypted_pages(folder / "journal.db", key_store.load())
    assert wrapped[20:] not in pages
    assert SECRET.encode() not in pages
