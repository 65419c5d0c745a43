"""How much of each limit of work without the province is used; what refuses commands and what the top bar tells."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from app.catalogue.services import CommandRow
from app.domain.clock import Clock, ClockCheck, Moment
from app.domain.refusal import Refusal
from app.domain.work_limits import Level, Limit, Measure, Reading, Standing
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.services.limit_refusal import told

EVERY_S = 10.0
"""How often it is looked at without an occasion."""
_KEPT_FOR_S = 600.0
_MOVED_S = 1.0


class WorkGauge:
    """Measures and remembers; safe to use from several threads. `tell` is called when something a person sees moved."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        folder: Path,
        limits: Mapping[Measure, Limit],
        tell: Callable[[Standing], None] = lambda _standing: None,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._folder = folder
        self._limits = limits
        self._tell = tell
        self._free_bytes = free_bytes
        self._lock = threading.Lock()
        self._standing = Standing()
        self._looked_at: float | None = None
        self._kept: ClockCheck | None = None

    @property
    def standing(self) -> Standing:
        """Return what was measured last."""
        return self._standing

    def met(self, asked: Moment, told: datetime) -> None:
        """Take the province's time, told in answer to what was `asked` then."""
        took_s = self._clock.monotonic() - asked.monotonic
        check = ClockCheck(asked, (asked.wall - told).total_seconds() + took_s / 2)
        kept = self._kept
        # The disk is not troubled every two seconds for a clock that goes right.
        fresh = kept is not None and asked.monotonic - kept.measured.monotonic < _KEPT_FOR_S
        if kept is not None and fresh and abs(kept.offset_now(self._clock) - check.offset_s) < _MOVED_S:
            return
        try:
            self._journal.run(lambda tx: tx.keep_clock_check(check), label="clock_check").result()
            self._kept = check
            self.look()
        except JournalRefused:
            # Whoever saves something is told; the next contact measures again.
            return

    def beat(self) -> None:
        """Look if it was long ago."""
        if self._looked_at is not None and self._clock.monotonic() - self._looked_at < EVERY_S:
            return
        try:
            self.look()
        except JournalRefused:
            # Whoever saves something is told of that.
            return

    def look(self) -> Standing:
        """Measure all, and tell what moved; raises JournalRefused."""
        found = self._journal.run(self.measure).result()
        with self._lock:
            moved = [(r.measure, r.level) for r in found.to_tell] != [
                (r.measure, r.level) for r in self._standing.to_tell
            ]
            self._standing, self._looked_at = found, self._clock.monotonic()
        if moved or found.to_tell:
            self._tell(found)
        return found

    def measure(self, tx: Transaction) -> Standing:
        """Measure all in a transaction."""
        summary = tx.summary()
        values = {
            Measure.COUNT: float(summary.pending),
            Measure.AGE: summary.oldest_age_s,
            Measure.CLOCK: abs(tx.clock_offset()),
            Measure.DISK: float(self._free_bytes(self._folder)),
        }
        return Standing(tuple(Reading(self._limits[measure], value) for measure, value in values.items()))

    def refusal(self, tx: Transaction, command: CommandRow, online: bool) -> Refusal | None:
        """Return why a command may not begin now; asked inside its own transaction."""
        names = frozenset((str(command.offline), command.name))
        if not any(limit.blocks & names for limit in self._limits.values()):
            return None
        return stopped(self.measure(tx), command, online)

    def doubts_clock(self, tx: Transaction) -> bool:
        """Tell whether what is recorded now is marked 时钟可疑."""
        return self._limits[Measure.CLOCK].level(abs(tx.clock_offset())) is Level.STOP


def stopped(standing: Standing, command: CommandRow, online: bool) -> Refusal | None:
    """Return a command's refusal by a limit that is reached; its offline class counts while the province is away."""
    names = (command.name,) if online else (command.name, str(command.offline))
    reading = standing.blocks(names)
    return None if reading is None else told(reading)
