"""`yikatong counter`: the window first, then everything else behind it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.catalogue import sentences, texts, wedge
from app.domain.refusal import Refusal
from app.services.data_folder import default_folder
from app.services.events import EventBus
from app.services.scan_faults import refusal_of_scan
from app.services.settings import Settings, load
from app.verbs.printing import print_json, print_refusal
from hardware.scanners.scanned_code import ScanFault, ScannedCode
from ui import key_table, tone_table
from ui.bridge import Bridge
from ui.clerk.display import has_display
from ui.clerk.flow import ClerkFlow
from ui.gui_garbage import GuiGarbage
from ui.qt_words import install_qt_words
from ui.scanning.scan_desk import ScanDesk
from ui.theme.apply import apply_theme

READY_VARIABLE = "YIKATONG_SAY_READY"
START_MS = 5000
"""A start is over by then, come up or refused."""


@dataclass(frozen=True)
class Face:
    """An open clerk's face."""

    flow: ClerkFlow
    bridge: Bridge
    scans: ScanDesk

    def close(self) -> None:
        """Let work under way end, then close the counter and the window."""
        self.scans.close()
        self.bridge.close()
        self.flow.close()


def run(namespace: argparse.Namespace) -> int:
    """Open the counter's window and run it to its end."""
    training = bool(namespace.training)
    folder = Path(namespace.data) if namespace.data else default_folder(training)
    settings = load(folder, training, namespace.hall)
    if isinstance(settings, Refusal):
        print_refusal(settings)
        return 2
    if not has_display():
        print_refusal(Refusal("NO-DISPLAY"))
        return 2
    app = QApplication(sys.argv[:1])
    face = open_face(app, settings)
    if os.environ.get(READY_VARIABLE):
        face.flow.ready.connect(lambda: print(f"ready {time.monotonic():.6f}", flush=True))  # noqa: T201 - for the bench
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_received: app.quit())
    QTimer.singleShot(START_MS, GuiGarbage(app).start)
    code = app.exec()
    face.close()
    if namespace.json:
        print_json({"face": "counter", "exit": code})
    return code


def open_face(app: QApplication, settings: Settings) -> Face:
    """Show the window at once; the counter is opened behind it."""
    apply_theme(app)
    words = texts.load()
    install_qt_words(app, words.language)
    bridge = Bridge()
    bus = EventBus()
    scans = ScanDesk(app, wedge.load(), lambda found: _take(flow, found))
    keys, tones = key_table.load(), tone_table.load()
    flow = ClerkFlow(settings, bus, bridge, words, sentences.load(), keys, tones, scans.router)
    flow.window.show()
    flow.window.activateWindow()
    # The first paint goes before everything that is slow.
    QTimer.singleShot(0, flow.open_counter)
    return Face(flow, bridge, scans)


def _take(flow: ClerkFlow, found: ScannedCode | ScanFault) -> None:
    if isinstance(found, ScanFault):
        flow.say(refusal_of_scan(found))
    else:
        flow.open_by_code(found.text)
