"""A code scanner in USB HID point-of-sale mode, which many ship in: no serial driver, no keyboard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hardware.scanners.hid_report import ScanJoiner, ScanLayout
from hardware.scanners.line_owner import LOOK, LineOwner
from hardware.scanners.line_state import LineState

PREFIX = "hid"
"""What a setting begins with that names such a scanner: `hid` for the first one, `hid:0C2E:0B6A` for one kind."""
_HEX_DIGITS = 4


@dataclass(frozen=True)
class HidKind:
    """Which scanner is meant, by the numbers of its maker and model; both None for whichever is plugged in."""

    vendor: int | None = None
    product: int | None = None


class HidReports(Protocol):
    """An opened scanner."""

    @property
    def layout(self) -> ScanLayout:
        """Where its reports have what."""
        ...

    def read(self, seconds: float) -> bytes:
        """Wait for a report; empty when none came. Raises OSError when the scanner has gone."""
        ...


def hid_scanner(
    opened: Callable[[], AbstractContextManager[HidReports]],
    deliver: Callable[[bytes], None],
    publish: Callable[[LineState], None],
) -> LineOwner[HidReports]:
    """Make the owner of a HID scanner; `deliver` gets each code's bytes on its thread."""

    def read(scanner: HidReports, stopping: threading.Event) -> None:
        joiner = ScanJoiner()
        while not stopping.is_set():
            piece = scanner.layout.piece(scanner.read(LOOK))
            whole = None if piece is None else joiner.add(piece)
            if whole is not None:
                deliver(whole)

    return LineOwner("hid-scanner", opened, read, publish)


def hid_kind(name: str) -> HidKind | None:
    """Read `hid` or `hid:VENDOR:PRODUCT`, each four hex digits; None for anything else."""
    head, *numbers = name.split(":")
    if head != PREFIX or len(numbers) not in (0, 2):
        return None
    if not all(len(number) == _HEX_DIGITS and _is_hex(number) for number in numbers):
        return None
    return HidKind(int(numbers[0], 16), int(numbers[1], 16)) if numbers else HidKind()


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in text)
