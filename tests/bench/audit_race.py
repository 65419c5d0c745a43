"""Verifying an audit chain against a bare scan of the same rows, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2

from app.domain.clock import SystemClock
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only

_ROWS_A_TRANSACTION = 5000


@dataclass(frozen=True)
class Race:
    """The least seconds of each side."""

    rows: int
    verify: float
    scan: float

    @property
    def ratio(self) -> float:
        """Return how many times a bare scan the verification takes."""
        return self.verify / self.scan


def fill(folder: Path, rows: int) -> None:
    """Write a journal with as many audit rows as asked, such as commands leave."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal), journal
    detail = {"code": "CARD-LOSS-REGISTERED"}
    for start in range(0, rows, _ROWS_A_TRANSACTION):
        count = min(_ROWS_A_TRANSACTION, rows - start)
        op_id = f"0193a1c2-7b00-7000-8000-{start:012d}"
        journal.run(
            lambda tx, count=count, op_id=op_id: [
                tx.audit("loss.temporary", "0317", "done", op_id, detail) for _ in range(count)
            ]
        ).result()
    journal.close()


def race(folder: Path, runs: int) -> Race:
    """Scan and verify by turns; both read every stored byte of every row."""
    store = FolderKeyStore(folder, no_ring)
    key = store.load()
    assert key is not None
    reader = read_only(folder, store, SystemClock())
    assert isinstance(reader, JournalReader), reader
    with closing(reader), closing(dbapi2.connect(str(folder / "journal.db"))) as bare:
        bare.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        verified, scanned, rows = [], [], 0
        for _ in range(runs):
            scanned.append(_seconds(lambda: _scan(bare)))
            verified.append(_seconds(lambda: reader.read(lambda tx: tx.verify())))
        rows = reader.read(lambda tx: tx.verify()).rows
    return Race(rows, min(verified), min(scanned))


def _scan(bare: dbapi2.Connection) -> None:
    for _row in bare.execute("SELECT n, entry, sm3, tag FROM audit ORDER BY n"):
        pass


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
