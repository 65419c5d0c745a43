"""A line across the window that stays until its cause is gone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from ui.theme.apply import colours_in_use, set_style
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.shapes import draw_mark
from ui.widgets.words import row, word


class Mark(QWidget):
    """The mark of a tone beside a text that says the same; nothing for a screen reader."""

    def __init__(self, tone: Tone) -> None:
        super().__init__()
        self._tone = tone
        self.setProperty("decoration", True)

    def set_tone(self, tone: Tone) -> None:
        """Draw another tone's mark."""
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of one character."""
        side = round(QFontMetrics(self.font()).ascent() * 0.9)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Never be smaller than one character."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the mark."""
        side = float(self.sizeHint().width())
        painter = QPainter(self)
        box = QRectF(0, (self.height() - side) / 2, side, side)
        draw_mark(painter, box, self._tone, QColor(colours_in_use().tone(self._tone).text))
        painter.end()


class Banner(QFrame):
    """Mark, sentence, and what still works; hidden when there is nothing to say."""

    def __init__(self, tone: Tone = Tone.WARN, text: str = "") -> None:
        super().__init__()
        self._mark = Mark(tone)
        self._text = word("", Type.BODY, wrap=True)
        layout = row(self._mark, gap=GRID, margins=(GRID + 4, 6, GRID + 4, 6))
        layout.addWidget(self._text, 1)
        self.setLayout(layout)
        self.setProperty("banner", str(tone))
        self.show_text(text, tone)

    @property
    def text(self) -> str:
        """Return the sentence shown."""
        return self._text.text()

    def show_text(self, text: str, tone: Tone | None = None) -> None:
        """Show a sentence, or hide for an empty one."""
        if tone is not None:
            self._mark.set_tone(tone)
            set_style(self, banner=str(tone))
        self._text.setText(text)
        self.setVisible(bool(text))
