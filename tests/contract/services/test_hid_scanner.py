"""A window whose settings name a HID scanner asks this machine's own HID library for it."""

from __future__ import annotations

import queue
from pathlib import Path

from app.services.events import Event, ScannerChanged
from app.services.scanning import Scanning
from app.services.settings import Settings, load
from hardware.scanners.line_state import LineState
from hardware.scanners.scan_router import ScanRouter


def test_a_hid_scanner_that_is_not_plugged_in_is_told_and_given_back(tmp_path: Path) -> None:
    news: queue.SimpleQueue[Event] = queue.SimpleQueue()
    (tmp_path / "counter.toml").write_text('scanner = "hid:ffff:ffff"\n', encoding="utf-8")
    settings = load(tmp_path, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    scanning = Scanning(settings, ScanRouter(lambda _found: None), news.put)
    scanning.open()
    assert news.get(timeout=10) == ScannerChanged(LineState.AWAY)
    scanning.close()
