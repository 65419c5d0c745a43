"""The only place that brings an event or a result to the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal

from app.domain.refusal import Refusal
from app.domain.trace import trace_of
from app.journal.trouble import JournalRefused
from app.services.events import Event, EventBus

T = TypeVar("T")
log = logging.getLogger(__name__)


class Bridge(QObject):
    """Runs work on the visit's thread and hands results and events to the GUI thread, in order."""

    event = Signal(object)
    """An `app.services.events.Event`, on the GUI thread."""
    refused = Signal(object)
    """A Refusal of work done aside: the journal could not be written or read, or a defect."""
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visit = ThreadPoolExecutor(max_workers=1, thread_name_prefix="visit")
        self._side = ThreadPoolExecutor(max_workers=2, thread_name_prefix="side")
        self._unsubscribe: Callable[[], None] = lambda: None
        self._busy = 0
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Tell whether work of the visit is under way."""
        return self._busy > 0

    def listen(self, bus: EventBus) -> None:
        """Bring a bus's events to the GUI thread."""
        self._unsubscribe = bus.subscribe(self._on_event)

    def run(self, work: Callable[[], T | Refusal], done: Callable[[T | Refusal], None]) -> None:
        """Run blocking work of the visit; one at a time, in order. `done` is called on the GUI thread.

        A journal that cannot be written (disk full), and a defect, which is logged with its trace, are refusals that
        `done` gets.
        """
        self._busy += 1
        self._start(self._visit, work, done, counted=True)

    def run_in_turn(self, work: Callable[[], T], done: Callable[[T], None] = lambda _result: None) -> None:
        """Run work of the visit that nobody asked for by hand: in order with the rest, and no key is held up by it."""
        self._start(self._visit, work, done, counted=False)

    def run_aside(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Run blocking work that need not wait for the visit: previews, lists, printing."""
        self._start(self._side, work, done, counted=False)

    def close(self) -> None:
        """Let work under way end, and deliver nothing more."""
        self._unsubscribe()
        self._visit.shutdown(wait=True, cancel_futures=True)
        self._side.shutdown(wait=True, cancel_futures=True)
        self._arrived.disconnect(self._deliver)

    def _start(self, pool: ThreadPoolExecutor, work: Callable[[], T], done: Callable[[T], None], counted: bool) -> None:
        def finished(future: Future[T]) -> None:
            if not future.cancelled():
                self._arrived.emit(lambda: self._finish(future, done, counted))

        pool.submit(work).add_done_callback(finished)

    def _finish(self, future: Future[T], done: Callable[[T], None], counted: bool) -> None:
        if counted:
            self._busy -= 1
        error = future.exception()
        if isinstance(error, JournalRefused):
            self._refuse(error.refusal, done, counted)
            return
        if error is not None:
            log.error("work failed: %s", trace_of(error))
            self._refuse(Refusal.of("DEFECT", name=type(error).__name__), done, counted)
            return
        done(future.result())

    def _refuse(self, refusal: Refusal, done: Callable[[T | Refusal], None], counted: bool) -> None:
        if counted:
            done(refusal)
        else:
            self.refused.emit(refusal)

    def _on_event(self, event: Event) -> None:
        self._arrived.emit(lambda: self.event.emit(event))

    def _deliver(self, call: Callable[[], None]) -> None:
        assert QThread.currentThread() is self.thread()
        call()
