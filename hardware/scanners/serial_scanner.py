"""A code scanner on a serial line, or a USB one in serial mode (USB-COM), which is what ux.md 2 recommends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import serial

from hardware.scanners.line_owner import LOOK, LineOwner
from hardware.scanners.line_state import LineState
from hardware.scanners.scanned_code import MOST

_MOST_BYTES = 4 * MOST


@dataclass(frozen=True)
class SerialLine:
    """How the line is set; `silence` ends a code where the scanner sends no terminator, in seconds."""

    port: str
    baud: int = 9600
    terminators: bytes = b"\r\n\t"
    silence: float = 0.1


def serial_scanner(
    line: SerialLine, deliver: Callable[[bytes], None], publish: Callable[[LineState], None]
) -> LineOwner[serial.Serial]:
    """Make the owner of a serial scanner; `deliver` gets each code's bytes on its thread."""

    def read(opened: serial.Serial, stopping: threading.Event) -> None:
        _read(opened, stopping, line, deliver)

    return LineOwner("serial-scanner", lambda: serial.Serial(line.port, line.baud, timeout=LOOK), read, publish)


def _read(opened: serial.Serial, stopping: threading.Event, line: SerialLine, deliver: Callable[[bytes], None]) -> None:
    gathered = bytearray()
    last = time.monotonic()
    while not stopping.is_set():
        got = opened.read(max(1, opened.in_waiting))
        now = time.monotonic()
        if not got:
            if now - last > line.silence:
                _hand_on(gathered, deliver)
            continue
        last = now
        for byte in got:
            if byte in line.terminators:
                _hand_on(gathered, deliver)
            elif len(gathered) <= _MOST_BYTES:
                gathered.append(byte)


def _hand_on(gathered: bytearray, deliver: Callable[[bytes], None]) -> None:
    if gathered:
        deliver(bytes(gathered))
        gathered.clear()
