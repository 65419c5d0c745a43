"""The sender: one thread that delivers the outbox, and anchors the audit chain, whenever something is due."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.domain.trace import trace_of
from app.journal.anchors import Anchoring
from app.journal.dispatch import Dispatcher, Watchers
from app.journal.journal import Journal
from app.journal.limits import OutboxLimits
from app.journal.reconcile import Reconciling
from app.journal.trouble import JournalRefused
from app.province.port import Province

log = logging.getLogger(__name__)


class Sender:
    """Delivers in the background until stopped. Watchers are called on its thread."""

    def __init__(
        self,
        journal: Journal,
        province: Province,
        clock: Clock,
        device: str,
        limits: OutboxLimits,
        watchers: Watchers | None = None,
        start_delay_s: float = 0.0,
        jitter: Callable[[float, float], float] = random.uniform,
        anchoring: Anchoring | None = None,
        reconciling: Reconciling | None = None,
        when_idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare a sender; the first round waits a random part of `start_delay_s`."""
        self._anchoring = anchoring
        self._reconciling = reconciling
        self._when_idle = when_idle
        self._watchers = watchers or Watchers()
        self._dispatcher = Dispatcher(journal, province, clock, device, limits, self._watchers, jitter)
        self._limits = limits
        self._first_wait = jitter(0.0, start_delay_s)
        self._begun = threading.Event()
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now, as after a new operation; waits that an outage set are kept."""
        self._wake.set()

    def kick(self) -> None:
        """Try everything now, waits or not, as a person asked."""
        self._urgent.set()
        self._wake.set()

    def came_or_went(self) -> None:
        """Try everything now that the province came or went, but not before the delay of the start is over."""
        if self._begun.is_set():
            self.kick()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the thread; False when an upload still hangs after `timeout_s`: its leases drop at the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Go on after a defect too: what waits here is somebody's business, and nobody may be near to restart it."""
        pause = self._limits.back_off_base_s
        while not self._stopping.is_set():
            try:
                self._loop()
            except Exception as defect:  # noqa: BLE001 - any defect is logged and told, and sending goes on
                self._tell(defect)
                self._wake.wait(pause)
                pause = min(2 * pause, self._limits.back_off_cap_s)

    def _tell(self, defect: Exception) -> None:
        # Without the exception's message, which may repeat what was sent.
        log.error("sending failed: %s", trace_of(defect))
        self._watchers.on_trouble(Refusal("SENDER-STUMBLED"))

    def _loop(self) -> None:
        wait = self._first_wait
        while True:
            self._wake.wait(wait)
            self._wake.clear()
            if self._stopping.is_set():
                self._dispatcher.rest()
                return
            self._begun.set()
            try:
                if self._urgent.is_set():
                    self._urgent.clear()
                    self._dispatcher.make_due()
                if self._reconciling is not None and not self._reconciling.round():
                    wait = self._limits.idle_poll_s
                    continue
                wait = self._dispatcher.round()
                if self._anchoring is not None:
                    wait = min(wait, self._anchoring.round(self._dispatcher.uploaded))
                if wait > 0:
                    self._when_idle()
            except JournalRefused as refused:
                if refused.refusal.code == "JOURNAL-CLOSED":
                    self._stopping.set()
                    return
                self._watchers.on_trouble(refused.refusal)
                wait = self._limits.idle_poll_s
