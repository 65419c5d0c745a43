"""The daily purge: what `retention.toml` gives a time, deleted behind the doorway with an audit row that counts it.

A day counts only where the province's clock says so too: a clock of this machine that was set ahead deletes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.catalogue import retention, services
from app.catalogue.retention import Kept, RetentionRow
from app.domain.clock import Clock, SystemClock, business_date
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.province.port import Province
from app.services.doorway import Connectivity, Done, Doorway
from app.services.offline_folder import read_folder
from app.services.operator import operator

COMMAND = "purge"
ASK_EVERY_S = 3600.0


@dataclass(frozen=True)
class _Times:
    """Before when each kind goes."""

    before: Mapping[Kept, datetime]

    @classmethod
    def at(cls, now: datetime, rows: Mapping[Kept, RetentionRow]) -> _Times:
        """Count back from now."""
        return cls({kind: now - timedelta(days=row.days) for kind, row in rows.items()})


class Retention:
    """Purges once a business day; called by one thread whenever it is idle. Raises JournalRefused."""

    def __init__(
        self, journal: Journal, province: Province, connectivity: Connectivity, clock: Clock, folder: Path
    ) -> None:
        self._journal = journal
        self._province = province
        self._connectivity = connectivity
        self._clock = clock
        self._folder = folder
        self._next_at = clock.monotonic()

    def when_idle(self) -> None:
        """Purge if it was not done today; asks the province at most each hour, and waits for it to come back."""
        if self._clock.monotonic() < self._next_at or not self._connectivity.online:
            return
        self._next_at = self._clock.monotonic() + ASK_EVERY_S
        told = self._province.clock()
        if isinstance(told, Refusal):
            return
        now = min(told, self._clock.now())
        today = business_date(now)
        if self._journal.run(lambda tx: tx.purged_on()).result() < today:
            self._purge(now, today)

    def _purge(self, now: datetime, today: str) -> None:
        times = _Times.at(now, retention.load())
        logs = _old_logs(self._folder, times.before[Kept.LOGS])

        def work(tx: Transaction) -> Done[None]:
            counts = {
                Kept.RECEIPTS: tx.purge_receipts(times.before[Kept.RECEIPTS]),
                Kept.PRINT_JOBS: tx.purge_print_jobs(times.before[Kept.PRINT_JOBS]),
                Kept.LOGS: len(logs),
            }
            tx.note_purged(today)
            return Done(None, None, tuple((kind.value, str(count)) for kind, count in counts.items()))

        catalogue = services.load()
        doorway = Doorway(self._journal, catalogue.commands, self._connectivity)
        if not isinstance(doorway.execute(COMMAND, operator(catalogue), work).result(), Refusal):
            for log in logs:
                log.unlink(missing_ok=True)


def purge_due(folder: Path) -> Mapping[str, int] | Refusal:
    """Count what a purge would delete now by this machine's clock, without deleting it."""
    times = _Times.at(SystemClock().now(), retention.load())

    def count(tx: Transaction) -> Mapping[str, int]:
        return {
            Kept.RECEIPTS.value: tx.receipts_due(times.before[Kept.RECEIPTS]),
            Kept.PRINT_JOBS.value: tx.print_jobs_due(times.before[Kept.PRINT_JOBS]),
            Kept.LOGS.value: len(_old_logs(folder, times.before[Kept.LOGS])),
        }

    return read_folder(folder, "purge_due", lambda reader: reader.read(count))


def _old_logs(folder: Path, before: datetime) -> tuple[Path, ...]:
    return tuple(file for file in sorted(folder.glob("*.log")) if file.stat().st_mtime < before.timestamp())
