"""The downlink: one thread that reads the province's changes page by page, apart from the sender (rule 13 of 1.2)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.domain.clock import Clock
from app.domain.downlink import DownlinkState
from app.domain.refusal import Refusal
from app.domain.trace import trace_of
from app.journal.journal import Journal
from app.journal.limits import OutboxLimits
from app.journal.sealing_keys import SealingKeys
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.province.port import Province

log = logging.getLogger(__name__)


class Downlink:
    """Reads in the background until stopped. `on_read` is called on its thread when a page was taken."""

    def __init__(
        self,
        journal: Journal,
        province: Province,
        clock: Clock,
        limits: OutboxLimits,
        on_read: Callable[[DownlinkState], None] = lambda _state: None,
    ) -> None:
        self._journal = journal
        self._province = province
        self._limits = limits
        self._on_read = on_read
        self._sealing = SealingKeys(journal, province, clock)
        self._soon = limits.poll_s
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="downlink", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look now: the province came back, or an operation was settled."""
        self._wake.set()

    def stop(self, timeout_s: float = 8.0) -> bool:
        """End the thread; False when a question still hangs after `timeout_s`: its page is asked for again."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def round(self) -> Refusal | None:
        """Apply what was put aside and may be now, then read every page that there is; the refusal that ended it."""
        self._soon = self._limits.poll_s
        self._journal.run(lambda tx: tx.apply_aside(), label="apply_aside").result()
        while not self._stopping.is_set():
            before = self._journal.run(lambda tx: tx.downlink()).result()
            page = self._province.changes(before.cursor, self._limits.page_rows)
            if isinstance(page, Refusal):
                return page
            if page.last < before.cursor:
                return Refusal("PROVINCE-NONSENSE")

            def take(tx: Transaction) -> DownlinkState:
                tx.take_changes(page)  # noqa: B023 - run to its end before the next page is asked for
                if page.stops is not None:  # noqa: B023 - as above
                    tx.keep_stops(page.stops)  # noqa: B023 - as above
                return tx.downlink()

            self._on_read(self._journal.run(take, label="changes").result())
            if not page.more:
                break
        self._soon = self._sealing.round()
        return None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.round()
            except JournalRefused as refused:
                if refused.refusal.code == "JOURNAL-CLOSED":
                    return
            except Exception as defect:  # noqa: BLE001 - any defect is logged, and reading goes on
                log.error("reading changes failed: %s", trace_of(defect))  # noqa: TRY400 - without the message
            self._wake.wait(min(self._limits.poll_s, self._soon))
            self._wake.clear()
