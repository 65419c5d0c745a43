"""Labels by type size, and the small pieces every screen is made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.tokens import Type


def word(text: str, kind: Type = Type.BODY, *, muted: bool = False, strong: bool = False, wrap: bool = False) -> QLabel:
    """Make a label of a type size; `wrap` lets it take as many lines as it needs."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("type", str(kind))
    if muted:
        label.setProperty("muted", "true")
    if strong:
        label.setProperty("strong", "true")
    if wrap:
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label


def surface(kind: str, layout: QLayout | None = None) -> QFrame:
    """Make a frame that the style sheet gives the ground and lines of `kind`."""
    frame = QFrame()
    frame.setProperty("surface", kind)
    if layout is not None:
        frame.setLayout(layout)
    return frame


def column(*widgets: QWidget, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Make a column of widgets; margins are left, top, right, bottom in px."""
    layout = QVBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def row(*widgets: QWidget, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Make a row of widgets; margins are left, top, right, bottom in px."""
    layout = QHBoxLayout()
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def centred(widget: QWidget, width: int) -> QHBoxLayout:
    """Put a widget into the middle, at most `width` px wide."""
    widget.setMaximumWidth(width)
    layout = row(gap=0)
    layout.addStretch(1)
    layout.addWidget(widget, 1000)
    layout.addStretch(1)
    return layout


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and delete it, nested layouts too."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
