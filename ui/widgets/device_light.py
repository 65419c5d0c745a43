"""The state of one device: a shape, its name and a word."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from ui.theme.apply import colours_in_use
from ui.theme.tokens import Tone, Type
from ui.widgets.shapes import draw_light

TONES = {"ok": Tone.OK, "warn": Tone.WARN, "off": Tone.ERROR}


@dataclass(frozen=True)
class DeviceView:
    """One device light: shape, word and colour come from `state`."""

    name: str
    state: str
    """ok, warn or off."""
    word: str


class DeviceLight(QLabel):
    """One light; the text says all that the shape and the colour say."""

    def __init__(self, view: DeviceView) -> None:
        super().__init__()
        self._tone = Tone.OFF
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", str(Type.SMALL))
        self.set_device(view)
        self._make_room()

    def set_device(self, view: DeviceView) -> None:
        """Show a device's state."""
        self._tone = TONES.get(view.state, Tone.OFF)
        self.setText(f"{view.name} {view.word}")
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Keep room for the shape when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, then the shape before them."""
        super().paintEvent(event)
        side = self._side()
        area = self.contentsRect()
        box = QRectF(area.left() + 1, area.center().y() - side / 2 + 1, side, side)
        painter = QPainter(self)
        draw_light(painter, box, self._tone, QColor(colours_in_use().tone(self._tone).text))
        painter.end()

    def _side(self) -> float:
        return QFontMetrics(self.font()).ascent() * 0.66

    def _make_room(self) -> None:
        self.setIndent(round(self._side() + 8))
