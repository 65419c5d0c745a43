"""A page that scrolls down and never sideways."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scroll_page(content: QWidget) -> QScrollArea:
    """Put a widget into a page; Tab does not stop at the page itself, the content scrolls after the focus."""
    content.setProperty("surface", content.property("surface") or "plain")
    content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    area.setWidget(content)
    return area
