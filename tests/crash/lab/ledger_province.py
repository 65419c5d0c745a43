"""A province of one SQLite file: its effects outlive whoever asks, and some of its replies are lost."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.province.port import Away, ItemAnswer, UploadBatch, UploadItem

LEDGER_FILE = "province.sqlite"
LOST_REPLIES = 0.2
TRIED_AGAIN = 0.1
_TABLES = (
    "CREATE TABLE IF NOT EXISTS effect (n INTEGER PRIMARY KEY, op_id TEXT, device_seq INTEGER, order_key TEXT)",
    "CREATE TABLE IF NOT EXISTS answered (op_id TEXT PRIMARY KEY)",
)


@dataclass(frozen=True)
class Effect:
    """One effect, in the order in which they were made; `device_seq` says of which operation it truly is."""

    op_id: str
    device_seq: int
    order_key: str


class LedgerProvince:
    """Applies an operation once, its mark and its effect in one transaction; asks for a tenth of them again."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._file = folder / LEDGER_FILE
        self._chance = random.Random(seed)
        self._line: sqlite3.Connection | None = None

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Take a batch; one reply in five is lost after everything was applied."""
        answers = self.take(self.line(), batch.items)
        if self._chance.random() < LOST_REPLIES:
            return Away(Refusal("PROVINCE-AWAY"))
        return answers

    def take(self, line: sqlite3.Connection, items: Sequence[UploadItem]) -> tuple[ItemAnswer, ...]:
        """Apply what is new in one transaction."""
        line.execute("BEGIN IMMEDIATE")
        answers = tuple(self._take(line, item) for item in items)
        line.execute("COMMIT")
        return answers

    def clock(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)

    def operation_status(self, op_id: str) -> ItemAnswer | None:
        """Return what became of an operation."""
        found = self.line().execute("SELECT 1 FROM answered WHERE op_id = ?", (op_id,)).fetchone()
        return ItemAnswer(op_id, Outcome.APPLIED) if found else None

    def line(self) -> sqlite3.Connection:
        """Open the file in the thread that first asks; kill -9 takes nothing that was written to a file."""
        if self._line is None:
            self._line = sqlite3.connect(self._file, isolation_level=None)
            self._line.execute("PRAGMA synchronous = OFF")
            for table in _TABLES:
                self._line.execute(table)
        return self._line

    def tries_again(self) -> bool:
        """Tell whether an operation is turned away this time."""
        return self._chance.random() < TRIED_AGAIN

    def _take(self, line: sqlite3.Connection, item: UploadItem) -> ItemAnswer:
        if is_answered(line, item.op_id):
            return ItemAnswer(item.op_id, Outcome.APPLIED)
        if self.tries_again():
            return ItemAnswer(item.op_id, Outcome.RETRY, "PROVINCE-BUSY")
        mark(line, item.op_id)
        apply(line, item)
        return ItemAnswer(item.op_id, Outcome.APPLIED)


def is_answered(line: sqlite3.Connection, op_id: str) -> bool:
    """Tell whether an operation is known."""
    return line.execute("SELECT 1 FROM answered WHERE op_id = ?", (op_id,)).fetchone() is not None


def mark(line: sqlite3.Connection, op_id: str) -> None:
    """Remember an operation."""
    line.execute("INSERT INTO answered VALUES (?)", (op_id,))


def apply(line: sqlite3.Connection, item: UploadItem) -> None:
    """Make the effect."""
    line.execute(
        "INSERT INTO effect (op_id, device_seq, order_key) VALUES (?, ?, ?)",
        (item.op_id, item.device_seq, item.order_key),
    )


def effects(folder: Path) -> list[Effect]:
    """Read what was done, oldest first."""
    if not (folder / LEDGER_FILE).exists():
        return []
    line = sqlite3.connect(folder / LEDGER_FILE, isolation_level=None)
    for table in _TABLES:
        line.execute(table)
    found = [Effect(*row) for row in line.execute("SELECT op_id, device_seq, order_key FROM effect ORDER BY n")]
    line.close()
    return found
