"""`run`: all or nothing, on one thread, and refusals of the world as values."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal import database
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore
from app.journal.trouble import JournalRefused
from tests.unit.journal.scenery import StillClock, operation


def test_work_runs_on_the_journal_thread(do: Callable) -> None:
    assert do(lambda _tx: threading.current_thread().name).startswith("journal")


def test_exception_rolls_everything_back(do: Callable, clock: StillClock) -> None:
    def half(tx):
        tx.enqueue(operation(clock), (Destination.PROVINCE,))
        tx.audit("test", "0007", "done")
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        do(half)
    assert do(lambda tx: (tx.rows(), tx.verify().rows)) == ((), 0)


def test_same_op_id_twice_is_a_defect(do: Callable, clock: StillClock) -> None:
    wanted = operation(clock)
    do(lambda tx: tx.enqueue(wanted, (Destination.PROVINCE,)))
    with pytest.raises(dbapi2.IntegrityError):
        do(lambda tx: tx.enqueue(wanted, (Destination.PROVINCE,)))
    assert len(do(lambda tx: tx.rows())) == 1


def test_full_disk_is_refused_and_passes(journal: Journal, do: Callable) -> None:
    connection = journal._book.connection
    pages = do(lambda _tx: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    do(lambda _tx: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(JournalRefused) as refused:
        do(lambda tx: tx.save_receipt("job", "op", "受理回执", b"x" * 100_000))
    assert refused.value.refusal.code == "DISK-FULL"
    do(lambda _tx: connection.exec_driver_sql("PRAGMA max_page_count = 100000"))
    do(lambda tx: tx.save_receipt("job", "op", "受理回执", b"x" * 100_000))
    assert do(lambda tx: len(tx.receipt("job").pdf)) == 100_000


def test_file_that_another_program_locks_is_refused_and_passes(
    open_journal: Callable[[], Journal], raw: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    journal = open_journal()
    other = raw()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalRefused) as refused:
        journal.run(lambda tx: tx.audit("test", "0007", "done")).result()
    assert refused.value.refusal.code == "JOURNAL-BUSY"
    other.execute("ROLLBACK")
    assert journal.run(lambda tx: tx.audit("test", "0007", "done")).result() == 1


def test_file_that_is_locked_at_the_start_is_refused(
    open_journal: Callable[[], Journal], folder: Path, key_store: FolderKeyStore, raw: Callable, monkeypatch
) -> None:
    open_journal().close()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    other = raw()
    other.execute("BEGIN IMMEDIATE")
    assert Journal.open(folder, key_store, StillClock()) == Refusal("JOURNAL-BUSY")
    other.execute("ROLLBACK")
    open_journal()


def test_closed_journal_refuses(journal: Journal) -> None:
    last = journal.run(lambda tx: tx.audit("test", "0007", "done"))
    journal.close()
    journal.close()
    assert last.result() == 1
    with pytest.raises(JournalRefused) as refused:
        journal.run(lambda tx: tx.rows()).result()
    assert refused.value.refusal.code == "JOURNAL-CLOSED"


def test_two_threads_leave_no_gap(journal: Journal, do: Callable, clock: StillClock) -> None:
    def many(name: str) -> None:
        for number in range(60):

            def work(tx, number=number):
                tx.enqueue(operation(clock, f"{name}-{number}"), (Destination.PROVINCE, Destination.HALL))
                if number % 7 == 3:
                    raise LookupError
                tx.audit("test", name, "done")

            journal.run(work)

    threads = [threading.Thread(target=many, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = do(lambda tx: tx.rows())
    for destination in ("province", "hall"):
        numbers = sorted(row.device_seq for row in rows if row.destination == destination)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) == 102
    verification = do(lambda tx: tx.verify())
    assert (verification.rows, verification.ok) == (102, True)
