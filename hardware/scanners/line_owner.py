"""The thread that owns a scanner's line: opens it, reads it, and opens it again after it was pulled out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from hardware.scanners.line_state import LineState

LOOK = 0.1
"""Seconds of one wait for something to read: how late a stop is noticed."""
_AGAIN = 0.5
"""Seconds between two tries to open a line that is not there."""

T = TypeVar("T")


class LineOwner(Generic[T]):
    """Owns a line by one thread; `opened` and `read` raise OSError while there is none.

    `read` goes on until its event is set. `publish` is called on the thread, once a change, beginning with the first
    try.
    """

    def __init__(
        self,
        name: str,
        opened: Callable[[], AbstractContextManager[T]],
        read: Callable[[T, threading.Event], None],
        publish: Callable[[LineState], None],
    ) -> None:
        self._opened = opened
        self._read = read
        self._publish = publish
        self._shown: LineState | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the owner thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close the line and end the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # A line that was pulled out while it was being opened or set says so as an OSError of many kinds.
            try:
                with self._opened() as line:
                    self._show(LineState.READY)
                    self._read(line, self._stopping)
            except OSError:
                self._show(LineState.AWAY)
                self._stopping.wait(_AGAIN)

    def _show(self, state: LineState) -> None:
        if state is not self._shown:
            self._shown = state
            self._publish(state)
