"""Code 128 and QR code of an acceptance number, drawn as filled rectangles."""

from __future__ import annotations

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

BAR = 0.72
"""The narrowest bar in points: 0.25 mm, which a counter's hand scanner still reads."""


def draw_code128(canvas: Canvas, value: str, x: float, y: float, height: float, widest: float) -> None:
    """Draw a Code 128 (ISO/IEC 15417) whose first bar stands at x; bars get narrower when `widest` demands it."""
    modules = Code128(value, barWidth=1, barHeight=1, quiet=False).width
    Code128(value, barWidth=min(BAR, widest / modules), barHeight=height, quiet=False).drawOn(canvas, x, y)


def draw_qr(canvas: Canvas, value: str, x: float, y: float, side: float) -> None:
    """Draw a QR code (ISO/IEC 18004, level M) with its quiet zone inside a square."""
    widget = QrCodeWidget(value, barLevel="M", barBorder=4, barWidth=side, barHeight=side)
    drawing = Drawing(side, side)
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, x, y)
