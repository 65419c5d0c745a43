"""Rules about what is seen: R05, R13, R16."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QComboBox, QLabel, QLineEdit, QScrollArea, QWidget

from ui.a11y.finding import Finding
from ui.a11y.tree import Node, walk
from ui.theme.contrast import ratio

LEAST_AREA = 25
LEAST_CONTRAST = 4.5
ROWS = 14
"""How many rows of pixels are looked at in each text."""
SEEN_CONTRAST = 3.0
"""What the clearest pixel of thin, smoothed strokes must reach, as a check on the palette."""


def has_a_place(window: QWidget, tree: Node) -> Iterator[Finding]:
    """R05: a node has an area, inside its parent and the screen unless it may be scrolled to."""
    whole = QRect(window.mapToGlobal(QPoint(0, 0)), window.size())
    for node in walk(tree):
        if node.parent is None or node.widget is None:
            continue
        area = node.rect.width() * node.rect.height()
        if area < LEAST_AREA and not node.in_scroll and (node.focusable or node.name):
            yield Finding("R05", node.where, f"has {area} square px")
        if node.in_scroll:
            continue
        if not whole.contains(node.rect):
            yield Finding("R05", node.where, "lies outside of the window")
        elif not node.parent.rect.contains(node.rect):
            yield Finding("R05", node.where, "lies outside of its parent")


def text_stands_out(window: QWidget, _tree: Node) -> Iterator[Finding]:
    """R13: text has at least 4.5:1 to what it is really drawn on."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = memoryview(image.constBits()).cast("B").cast("I")
    for widget in window.findChildren(QWidget):
        if not _has_text(widget):
            continue
        seen = _seen_part(window, widget)
        if seen.width() < 8 or seen.height() < 8:
            continue
        colours = _colours(image, pixels, seen)
        ground = _hex(colours.most_common(1)[0][0])
        text = widget.palette().color(_role(widget)).name()
        if ratio(text, ground) < LEAST_CONTRAST:
            yield Finding("R13", _where(widget), f"{text} on {ground} is {ratio(text, ground):.2f}:1")
        elif seen.size() == widget.size() and all(ratio(_hex(colour), ground) < SEEN_CONTRAST for colour in colours):
            yield Finding("R13", _where(widget), f"nothing on {ground} stands out")


def words_are_whole(window: QWidget, _tree: Node) -> Iterator[Finding]:
    """R16: no label or button is smaller than its words, and no page is wider than its place."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel) and widget.text():
            yield from _label_is_whole(widget)
        elif isinstance(widget, QAbstractButton) and widget.text():
            hint = widget.sizeHint()
            if widget.width() < hint.width() or widget.height() < hint.height():
                yield Finding(
                    "R16", _where(widget), f"{widget.width()}x{widget.height()} px of {hint.width()}x{hint.height()}"
                )
        elif isinstance(widget, QScrollArea) and widget.widget() is not None:
            sideways = widget.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if sideways and widget.widget().width() > widget.viewport().width():
                yield Finding("R16", _where(widget), "its content is wider than the page")


def _label_is_whole(label: QLabel) -> Iterator[Finding]:
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if label.height() < needed:
            yield Finding("R16", _where(label), f"{label.height()} px high, {needed} needed")
    elif label.width() < label.sizeHint().width() or label.height() < label.sizeHint().height():
        hint = label.sizeHint()
        yield Finding("R16", _where(label), f"{label.width()}x{label.height()} px of {hint.width()}x{hint.height()}")


def _has_text(widget: QWidget) -> bool:
    if not widget.isVisible():
        return False
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return bool(widget.text())
    return isinstance(widget, QComboBox) and bool(widget.currentText())


def _role(widget: QWidget) -> QPalette.ColorRole:
    if isinstance(widget, QLabel):
        return QPalette.ColorRole.WindowText
    if isinstance(widget, QAbstractButton):
        return QPalette.ColorRole.ButtonText
    return QPalette.ColorRole.Text


def _seen_part(window: QWidget, widget: QWidget) -> QRect:
    seen = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            seen = seen.intersected(QRect(parent.mapTo(window, QPoint(0, 0)), parent.size()))
        parent = parent.parentWidget()
    return seen.intersected(window.rect())


def _colours(image: QImage, pixels: memoryview, area: QRect) -> Counter[int]:
    factor = image.devicePixelRatio()
    left, right = round((area.left() + 1) * factor), round(area.right() * factor)
    counted: Counter[int] = Counter()
    for y in range(area.top() + 1, area.bottom(), max(area.height() // ROWS, 1)):
        start = round(y * factor) * image.width()
        counted.update(pixels[start + left : start + right])
    return counted


def _hex(pixel: int) -> str:
    return f"#{pixel & 0xFFFFFF:06x}"


def _where(widget: QWidget) -> str:
    words = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else widget.accessibleName()
    return f"{type(widget).__name__} {words!r}"
