"""A status as shape, word and colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme.apply import set_style
from ui.theme.tokens import Tone, Type
from ui.widgets.shapes import draw_mark


class StatusChip(QLabel):
    """A word with the mark and the colours of its tone; read aloud, it is the word."""

    def __init__(self, text: str = "", tone: Tone = Tone.INFO, kind: Type = Type.SMALL, *, ground: bool = True) -> None:
        super().__init__(text)
        self._tone = tone
        self._property = "chip" if ground else "tone"
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", str(kind))
        self.setProperty(self._property, str(tone))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._make_room()

    @property
    def tone(self) -> Tone:
        """Return the tone shown."""
        return self._tone

    def set_status(self, text: str, tone: Tone) -> None:
        """Show another status."""
        self._tone = tone
        self.setText(text)
        set_style(self, **{self._property: str(tone)})

    def changeEvent(self, event: QEvent) -> None:
        """Keep room for the mark when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word, then the mark before it."""
        super().paintEvent(event)
        side = self._side()
        area = self.contentsRect()
        box = QRectF(area.left(), area.center().y() - side / 2 + 1, side, side)
        painter = QPainter(self)
        draw_mark(painter, box, self._tone, self.palette().color(QPalette.ColorRole.WindowText))
        painter.end()

    def _side(self) -> float:
        return QFontMetrics(self.font()).ascent() * 0.68

    def _make_room(self) -> None:
        self.setIndent(round(self._side() * 1.45))
