"""The machine's journal: one thread owns the only writing connection (DESIGN.md rule 2 and section 4)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from app.domain.clock import Clock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.journal import audit_chain, database, outbox, saga_rows
from app.journal.book import MODE, Book, fact, mode_of, open_book, set_fact
from app.journal.database import DATABASE_FILE, Access, telling_trouble
from app.journal.digest import derive_keys
from app.journal.fault_point import fault_point
from app.journal.held_file import HeldFile, hold_file
from app.journal.keys import KeyStore, KeyStoreAway
from app.journal.private_files import open_private
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused, folder_refusal

T = TypeVar("T")

LOCK_FILE = "journal.lock"
OTHER_MODE = {Mode.TRAINING: "FOLDER-IS-TRAINING", Mode.REAL: "FOLDER-IS-REAL"}


@dataclass(frozen=True)
class _Facts:
    """What the journal says of itself."""

    incarnation: str
    machine_id: str
    mode: Mode | None


class Journal:
    """An open journal. `run` may be called from any thread; the work runs on the journal's own."""

    def __init__(
        self, thread: ThreadPoolExecutor, book: Book, facts: _Facts, lock: HeldFile, key_strength: str
    ) -> None:
        self._thread = thread
        self._book = book
        self._facts = facts
        self._lock = lock
        self._watcher: Callable[[], None] | None = None
        self.key_strength = key_strength

    @classmethod
    def open(cls, folder: Path, key_store: KeyStore, clock: Clock) -> Journal | Refusal:
        """Open or make the journal of a folder; blocks for the key store and the disk.

        Codes: JOURNAL-BUSY (another process holds it), JOURNAL-KEY-GONE, JOURNAL-KEYRING-AWAY, JOURNAL-KEY-WRONG,
        JOURNAL-DAMAGED, JOURNAL-TOO-NEW, JOURNAL-NOT-DURABLE, JOURNAL-DISK-FAILING, DISK-FULL, DATA-FOLDER-UNUSABLE.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = hold_file(folder / LOCK_FILE)
        except OSError as error:
            return folder_refusal(error)
        if lock is None:
            return Refusal("JOURNAL-BUSY")
        with ExitStack() as undo:
            undo.callback(lock.release)
            opened = _open_held(folder, key_store, clock, lock)
            if isinstance(opened, Journal):
                undo.pop_all()
            return opened

    @property
    def incarnation(self) -> str:
        """Return the id that a restore from a backup changes."""
        return self._facts.incarnation

    @property
    def machine_id(self) -> str:
        """Return the random id of this machine's journal."""
        return self._facts.machine_id

    @property
    def mode(self) -> Mode | None:
        """Return what the journal was made for; None until `claim`, as in one of an earlier program."""
        return self._facts.mode

    def claim(self, mode: Mode) -> Refusal | None:
        """Mark an unmarked journal with what it is for, for good. Refusals: FOLDER-IS-TRAINING, FOLDER-IS-REAL."""
        marked = self.mode
        if marked is None:
            self._thread.submit(_mark, self._book, mode).result()
            self._facts = replace(self._facts, mode=mode)
            return None
        return None if marked is mode else Refusal(OTHER_MODE[marked])

    def run(self, work: Callable[[Transaction], T], label: str = "") -> Future[T]:
        """Run `work` in one BEGIN IMMEDIATE … COMMIT on the journal thread; the future is done after the commit.

        Whatever `work` raises rolls everything back and is the future's exception. When the world stops the commit
        (disk full, file damaged, journal closed) the exception is JournalRefused, which carries the Refusal.
        `label` names the transaction for fault points.
        """
        try:
            done = self._thread.submit(_transact, self._book, work, label)
            watcher = self._watcher
            if watcher is not None:
                done.add_done_callback(lambda _done: watcher())
            return done
        except RuntimeError:
            closed: Future[T] = Future()
            closed.set_exception(JournalRefused(Refusal("JOURNAL-CLOSED")))
            return closed

    def watch(self, watcher: Callable[[], None] | None) -> None:
        """Have somebody told after each transaction, on the journal's thread or the caller's; None for nobody."""
        self._watcher = watcher

    def close(self) -> None:
        """Finish what was submitted, mark a clean end, and give the folder back; a second call does nothing."""
        if self._lock.is_held:
            self._thread.submit(_end, self._book).exception()
            self._thread.shutdown(wait=True)
            self._lock.release()


def _open_held(folder: Path, key_store: KeyStore, clock: Clock, lock: HeldFile) -> Journal | Refusal:
    try:
        key = key_store.load()
        if key is None:
            if database.exists(folder):
                return Refusal("JOURNAL-KEY-GONE")
            key = key_store.create()
        file = folder / DATABASE_FILE
        os.close(open_private(file, os.O_RDWR | os.O_CREAT))
        strength = key_store.strength
    except KeyStoreAway as away:
        return away.refusal
    except OSError as error:
        return folder_refusal(error)
    with ExitStack() as undo:
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        undo.callback(thread.shutdown)
        try:
            book, facts = thread.submit(_begin, Access(file, key), clock).result()
        except JournalRefused as refused:
            return refused.refusal
        undo.pop_all()
        return Journal(thread, book, facts, lock, strength)


def _begin(access: Access, clock: Clock) -> tuple[Book, _Facts]:
    # SQLite wants its connection closed by the thread that opened it, whatever goes wrong: this one.
    with ExitStack() as undo:
        connection = database.connect(access)
        undo.callback(connection.close)
        book = open_book(connection, clock, derive_keys(access.key))
        with telling_trouble():
            facts = _recover(book)
        undo.pop_all()
        return book, facts


def _recover(book: Book) -> _Facts:
    """Put right what an earlier process left, and note that a session is on."""
    with book.connection.begin():
        ended_uncleanly = fact(book, "session") == "open"
    if ended_uncleanly and not database.is_sound(book.connection):
        raise JournalRefused(Refusal("JOURNAL-DAMAGED"))
    with book.connection.begin():
        for key in ("incarnation", "machine_id"):
            if fact(book, key) is None:
                set_fact(book, key, str(uuid.uuid4()))
        audit_chain.start(book)
        outbox.drop_leases(book)
        saga_rows.doubt_intended(book)
        saga_rows.drop_holds(book, new_ones=True)
        set_fact(book, "session", "open")
        return _Facts(fact(book, "incarnation") or "", fact(book, "machine_id") or "", mode_of(book))


def _transact(book: Book, work: Callable[[Transaction], T], label: str) -> T:
    with telling_trouble(), ExitStack() as undo:
        # A key that was made in what is rolled back seals nothing.
        undo.callback(book.data_keys.forget)
        with book.connection.begin():
            result = work(Transaction(book))
            fault_point("before_commit", label)
        undo.pop_all()
        fault_point("after_commit", label)
        return result


def _mark(book: Book, mode: Mode) -> None:
    with telling_trouble(), book.connection.begin():
        set_fact(book, MODE, mode.value)


def _end(book: Book) -> None:
    connection: Connection = book.connection
    try:
        with telling_trouble(), connection.begin():
            set_fact(book, "session", "closed")
    finally:
        connection.close()
