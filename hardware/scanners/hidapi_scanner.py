"""HID scanners of this machine, through hidapi (BSD-3-Clause). Imported only where one is set."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from hardware.scanners.hid_report import SCANNER_PAGE, ScanLayout, scan_layout
from hardware.scanners.hid_scanner import HidKind, HidReports

if sys.platform == "linux":
    # The other module goes past the kernel, which tells no usage pages and takes the device away from it.
    import hidraw as hid
else:
    import hid

_LONGEST_REPORT = 1024


class _Device(Protocol):
    def read(self, max_length: int, timeout_ms: int) -> list[int]: ...


@dataclass(frozen=True)
class _Opened:
    device: _Device
    layout: ScanLayout

    def read(self, seconds: float) -> bytes:
        """Wait for a report."""
        return bytes(self.device.read(_LONGEST_REPORT, round(seconds * 1000)))


@contextmanager
def open_scanner(kind: HidKind) -> Iterator[HidReports]:
    """Open the first scanner of a kind; raises OSError where there is none, or another program has it."""
    for found in hid.enumerate(kind.vendor or 0, kind.product or 0):
        if found["usage_page"] != SCANNER_PAGE:
            continue
        device = hid.device()
        device.open_path(found["path"])
        try:
            layout = scan_layout(bytes(device.get_report_descriptor()))
            if layout is None:
                raise OSError("the scanner's descriptor has no scanned data")
            yield _Opened(device, layout)
        finally:
            device.close()
        return
    raise OSError("no HID scanner is plugged in")
