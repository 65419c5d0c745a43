"""Buttons: the one that acts, the plain one, and the row that opens something."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton

from ui.theme.apply import colours_in_use
from ui.theme.tokens import FOCUS_WIDTH, RADIUS_CONTROL


class ActButton(QPushButton):
    """The blue button that means "act here"; its focus ring has a light line inside, so that it shows on blue."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("act", "true")
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button and, with focus, the inner line of the ring."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            draw_inner_ring(painter, self.rect())
            painter.end()


def draw_inner_ring(painter: QPainter, around: QRect) -> None:
    """Draw the light line inside the focus ring of a coloured button."""
    inset = FOCUS_WIDTH + 1
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours_in_use().focus_inner), 2))
    painter.drawRoundedRect(
        QRectF(around).adjusted(inset, inset, -inset, -inset), RADIUS_CONTROL - 1, RADIUS_CONTROL - 1
    )
    painter.restore()


def plain_button(text: str) -> QPushButton:
    """Make a white button; Enter presses it as Space does."""
    button = QPushButton(text)
    button.setAutoDefault(True)
    return button


def row_button(text: str) -> QPushButton:
    """Make a button that is a row of a list."""
    button = plain_button(text)
    button.setProperty("row", "true")
    return button
