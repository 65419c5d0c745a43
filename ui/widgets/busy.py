"""Says that something takes time: at once in words, after one second with the seconds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme.tokens import Type
from ui.widgets.words import word


class Busy(QWidget):
    """A line of text with the time so far; no bar, because nobody knows how long it will take."""

    def __init__(self, elapsed: Callable[[int], str]) -> None:
        super().__init__()
        self._elapsed_words = elapsed
        self._clock = QElapsedTimer()
        self._text = word("", Type.HEADING, wrap=True)
        self._time = word("", Type.BODY, muted=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._time.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._time)
        layout.addStretch(2)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)

    @property
    def text(self) -> str:
        """Return what is being waited for."""
        return self._text.text()

    def start(self, text: str) -> None:
        """Show a text and begin to count."""
        self._text.setText(text)
        self._time.setText("")
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        """Stop counting."""
        self._timer.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting when nobody sees it."""
        super().hideEvent(event)
        self.stop()

    def _tick(self) -> None:
        self._time.setText(self._elapsed_words(round(self._clock.elapsed() / 1000)))
