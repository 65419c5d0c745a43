"""Tab in reading order: the order of the layouts, whenever their widgets were made."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLayout, QScrollArea, QStackedWidget, QWidget


def focus_order(widget: QWidget) -> list[QWidget]:
    """Return what takes the focus by Tab inside a widget, in the order of its layouts."""
    return list(_inside(widget))


def move_focus(window: QWidget, *, forward: bool) -> bool:
    """Move the focus one step round the window, scrolling it into sight; False when nothing takes it."""
    order = focus_order(window)
    if not order:
        return False
    current = window.focusWidget()
    step = 1 if forward else -1
    start = order.index(current) if current in order else len(order) - 1 if forward else 0
    target = order[(start + step) % len(order)]
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    scroll_to(target)
    return True


def scroll_to(widget: QWidget) -> None:
    """Scroll every page around a widget until it can be seen."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def _inside(widget: QWidget) -> Iterator[QWidget]:
    if not widget.isVisible() or not widget.isEnabled():
        return
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    if isinstance(widget, QStackedWidget):
        current = widget.currentWidget()
        if current is not None:
            yield from _inside(current)
    elif isinstance(widget, QScrollArea):
        content = widget.widget()
        if content is not None:
            yield from _inside(content)
    elif not isinstance(widget, QAbstractScrollArea) and (layout := widget.layout()) is not None:
        yield from _along(layout)


def _along(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield from _inside(widget)
        elif inner is not None:
            yield from _along(inner)
