"""The application's scan router: every source comes in here, and one consumer hears it on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtGui import QGuiApplication

from hardware.scanners.scan_router import ScanRouter
from hardware.scanners.scanned_code import ScanFault, ScannedCode, ScanSource
from hardware.scanners.wedge import WedgeRule
from ui.scanning.wedge_filter import WedgeFilter

Consumer = Callable[[ScannedCode | ScanFault], None]


class ScanDesk(QObject):
    """One an application. Camera and serial scanner feed `router` from their threads; the wedge is fed here."""

    _arrived = Signal(object)

    def __init__(self, application: QGuiApplication, rule: WedgeRule, consumer: Consumer) -> None:
        super().__init__()
        self._application = application
        self._consumer = consumer
        self.router = ScanRouter(self._arrived.emit)
        self._wedge = WedgeFilter(rule, self._from_wedge, self)
        self._arrived.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)
        self._wedge.start(application)

    def close(self) -> None:
        """Hear nothing any more."""
        self._wedge.stop(self._application)
        self._arrived.disconnect(self._hand_on)

    def _from_wedge(self, text: str, complete: bool) -> None:
        if complete:
            self.router.text(text, ScanSource.WEDGE)
        else:
            self.router.incomplete(len(text), ScanSource.WEDGE)

    def _hand_on(self, found: ScannedCode | ScanFault) -> None:
        assert QThread.currentThread() is self.thread()
        self._consumer(found)
