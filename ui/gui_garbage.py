"""Garbage is collected on the GUI thread only: a widget that another thread frees takes the program down with it."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class GuiGarbage(QObject):
    """Looks once in a while, by Python's own thresholds; automatic collection, which any thread may run, stays off."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(collect_what_is_due)

    def start(self) -> None:
        """Begin; what the start made stays, and walking it each time would hold the loop."""
        gc.freeze()
        self._timer.start()


def collect_what_is_due() -> None:
    """Collect the oldest generation that is over its threshold, if any."""
    over = (count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True))
    due = [generation for generation, is_over in enumerate(over) if is_over]
    if due:
        gc.collect(due[-1])
