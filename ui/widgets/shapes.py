"""Shapes that go with status words, drawn at any size in any colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from ui.theme.tokens import Tone


def draw_mark(painter: QPainter, box: QRectF, tone: Tone, colour: QColor) -> None:
    """Draw the mark of a tone: tick, triangle, cross, ringed i or dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(colour, box.width() * 0.13))
    painter.setBrush(Qt.BrushStyle.NoBrush)

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.left() + x * box.width(), box.top() + y * box.height())

    match tone:
        case Tone.OK:
            painter.drawPolyline(QPolygonF([at(0.14, 0.55), at(0.4, 0.8), at(0.88, 0.22)]))
        case Tone.WARN:
            painter.drawPolygon(QPolygonF([at(0.5, 0.1), at(0.95, 0.9), at(0.05, 0.9)]))
            painter.drawLine(at(0.5, 0.38), at(0.5, 0.6))
            painter.drawPoint(at(0.5, 0.76))
        case Tone.ERROR:
            painter.drawLine(at(0.16, 0.16), at(0.84, 0.84))
            painter.drawLine(at(0.84, 0.16), at(0.16, 0.84))
        case Tone.INFO:
            painter.drawEllipse(QRectF(at(0.07, 0.07), at(0.93, 0.93)))
            painter.drawLine(at(0.5, 0.48), at(0.5, 0.72))
            painter.drawPoint(at(0.5, 0.28))
        case Tone.OFF:
            painter.drawLine(at(0.1, 0.52), at(0.9, 0.52))
    painter.restore()


def draw_light(painter: QPainter, box: QRectF, tone: Tone, colour: QColor) -> None:
    """Draw a device light: a disc when well, an open square when it wants something, a cross when away."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if tone is Tone.OK:
        path = QPainterPath()
        path.addEllipse(box)
        painter.fillPath(path, colour)
    elif tone is Tone.WARN:
        width = box.width() * 0.22
        painter.setPen(_pen(colour, width))
        painter.drawRect(box.adjusted(width / 2, width / 2, -width / 2, -width / 2))
    else:
        painter.setPen(_pen(colour, box.width() * 0.22))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    painter.restore()


def mark_icon(tone: Tone, colour: str, side: int) -> QIcon:
    """Return a mark as an icon of `side` px, the same when its row is selected."""
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_mark(painter, QRectF(0, 0, side, side), tone, QColor(colour))
    painter.end()
    return QIcon(pixmap)


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, max(width, 1.0))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
