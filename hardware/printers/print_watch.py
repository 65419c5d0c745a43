"""Watches a printer beside its jobs and tells when its state changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hardware.ports import PrinterStatus
from hardware.printers.print_thread import PrinterActor

POLL_S = 5.0


class PrintWatch:
    """A thread that asks the printer's own thread how it is and publishes, on itself, only what changed."""

    def __init__(
        self,
        printer: PrinterActor,
        publish: Callable[[PrinterStatus], None],
        poll_s: float = POLL_S,
        each_time: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare a watch; `each_time` is called after every look, on the watch's thread."""
        self._printer = printer
        self._publish = publish
        self._poll_s = poll_s
        self._each_time = each_time
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="print-watch")

    def start(self) -> None:
        """Ask for the first time, and go on asking."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, before the printer's own."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        last: PrinterStatus | None = None
        while not self._ended.is_set():
            found = self._printer.status().result()
            if found != last:
                self._publish(found)
            last = found
            self._each_time()
            self._ended.wait(self._poll_s)
