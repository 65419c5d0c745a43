"""The counter of requests on the line: strictly rising for a device, also across restarts and crashes.

Numbers are reserved in blocks before the first of them is used: a start goes on above the block, never inside it.
"""

from __future__ import annotations

import threading
from pathlib import Path

from app.journal.private_files import replace_private

FILE_NAME = "line.counter"
BLOCK = 1000
_DIGITS = 19


class LineCounter:
    """Hands out each number once; safe to call from several threads. Raises OSError when none can be reserved."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._lock = threading.Lock()
        self._last = 0
        self._reserved = 0

    def next(self) -> int:
        """Return the next number."""
        with self._lock:
            if self._last >= self._reserved:
                self._reserve(self._last)
            self._last += 1
            return self._last

    def go_above(self, number: int) -> None:
        """Hand out only numbers above one that the province has seen: a restored folder has an old file."""
        with self._lock:
            if number > self._last:
                self._reserve(number)

    def _reserve(self, above: int) -> None:
        first = max(above, self._kept())
        replace_private(self._file, str(first + BLOCK).encode())
        self._last, self._reserved = first, first + BLOCK

    def _kept(self) -> int:
        """Return the highest number that any start has reserved; a file that says none counts for nothing.

        The province tells where to go on, then.
        """
        try:
            text = self._file.read_text("ascii", errors="replace").strip()
        except FileNotFoundError:
            return 0
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
