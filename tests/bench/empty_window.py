"""The floor of a start: a window of PySide6 with nothing in it; says when its first paint is over."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget


class EmptyWindow(QWidget):
    """Writes `ready SECONDS` (monotonic) once, as soon as the loop goes on after the first paint."""

    painted = False

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.painted:
            self.painted = True
            QTimer.singleShot(0, _say_ready)


def _say_ready() -> None:
    sys.stdout.write(f"ready {time.monotonic():.6f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    application = QApplication([])
    window = EmptyWindow()
    window.resize(1366, 768)
    window.show()
    raise SystemExit(application.exec())
