"""A code scanner on a serial line, or a USB one in serial mode (USB-COM), which is what ux.md 2 recommends.

HID-POS scanners come as such a line too where their maker's driver or set-up code says so; no other driver is loaded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import serial

from hardware.scanners.line_state import LineState
from hardware.scanners.scanned_code import MOST

_LOOK = 0.1
"""Seconds of one wait for bytes: how late a stop is noticed."""
_AGAIN = 0.5
"""Seconds between two tries to open a line that is not there."""
_MOST_BYTES = 4 * MOST


@dataclass(frozen=True)
class SerialLine:
    """How the line is set; `silence` ends a code where the scanner sends no terminator, in seconds."""

    port: str
    baud: int = 9600
    terminators: bytes = b"\r\n\t"
    silence: float = 0.1


class SerialScanner:
    """Owns the line by one thread: opens it, reads codes, and opens it again after it was pulled out.

    `deliver` and `publish` are called on that thread; `publish` once a change, beginning with the first try.
    """

    def __init__(
        self, line: SerialLine, deliver: Callable[[bytes], None], publish: Callable[[LineState], None]
    ) -> None:
        self._line = line
        self._deliver = deliver
        self._publish = publish
        self._shown: LineState | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-scanner", daemon=True)

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
                with serial.Serial(self._line.port, self._line.baud, timeout=_LOOK) as opened:
                    self._show(LineState.READY)
                    self._read(opened)
            except OSError:
                self._show(LineState.AWAY)
                self._stopping.wait(_AGAIN)

    def _read(self, opened: serial.Serial) -> None:
        gathered = bytearray()
        last = time.monotonic()
        while not self._stopping.is_set():
            got = opened.read(max(1, opened.in_waiting))
            now = time.monotonic()
            if not got:
                if now - last > self._line.silence:
                    self._hand_on(gathered)
                continue
            last = now
            for byte in got:
                if byte in self._line.terminators:
                    self._hand_on(gathered)
                elif len(gathered) <= _MOST_BYTES:
                    gathered.append(byte)

    def _hand_on(self, gathered: bytearray) -> None:
        if gathered:
            self._deliver(bytes(gathered))
            gathered.clear()

    def _show(self, state: LineState) -> None:
        if state is not self._shown:
            self._shown = state
            self._publish(state)
