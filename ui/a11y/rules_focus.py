"""Rules about the keyboard: R08, R11, R12, R18."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from ui.a11y.finding import Finding
from ui.a11y.tree import Node, Role, walk
from ui.key_table import shown_keys

INTERACTIVE = (
    Role.Button,
    Role.CheckBox,
    Role.RadioButton,
    Role.ComboBox,
    Role.EditableText,
    Role.SpinBox,
    Role.Slider,
)
TOLERANCE = 6
"""How far, in px, a widget may stand before the one that comes earlier."""
_PLAIN = Qt.KeyboardModifier.NoModifier | Qt.KeyboardModifier.ShiftModifier


def interactive_is_focusable(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R08: what can be operated can take the focus, by Tab."""
    for node in walk(tree):
        if node.role not in INTERACTIVE or not node.enabled or node.widget is None:
            continue
        if not node.widget.focusPolicy() & Qt.FocusPolicy.TabFocus and node.widget.focusProxy() is None:
            yield Finding("R08", node.where, "can be operated but not reached by Tab")


def tab_goes_round(window: QWidget, _tree: Node) -> Iterator[Finding]:
    """R11 and R12: Tab goes round through all that takes the focus, downwards, and Shift+Tab the same way back."""
    expected = _tabbable(window)
    if not expected:
        return
    before = window.focusWidget()
    forward = _cycle(window, expected[0], Qt.Key.Key_Tab)
    backward = _cycle(window, expected[0], Qt.Key.Key_Backtab)
    if before is not None:
        before.setFocus()
    missed = [widget for widget in expected if widget not in forward]
    for widget in missed:
        yield Finding("R11", _name(widget), f"Tab never comes here; it went {' > '.join(map(_name, forward))}")
    if not missed and backward[1:] != forward[:0:-1]:
        yield Finding("R11", _name(window), "Shift+Tab is not Tab backwards")
    yield from _reading_order(forward)


def _reading_order(order: list[QWidget]) -> Iterator[Finding]:
    back = [pair for pair in itertools.pairwise([*order, order[0]]) if _goes_back(*pair)]
    if len(back) > 1:
        for earlier, later in back:
            yield Finding("R12", _name(later), f"comes after {_name(earlier)} but stands before it")


def _goes_back(earlier: QWidget, later: QWidget) -> bool:
    first, second = _apart(earlier, later)
    if first is None or second is None:
        return False
    above = second.bottom() <= first.top() + TOLERANCE
    beside = second.top() < first.bottom() and first.top() < second.bottom()
    return above or (beside and second.right() <= first.left() + TOLERANCE)


def keys_agree(window: QWidget, _tree: Node) -> Iterator[Finding]:
    """R18: each key means one thing, a button says the key that is bound, and no plain letter acts."""
    shortcuts = [(each.key(), each.objectName()) for each in window.findChildren(QShortcut)]
    for keys, count in Counter(sequence.toString() for sequence, _ in shortcuts).items():
        if count > 1:
            yield Finding("R18", keys, f"is bound {count} times")
    for sequence, action in shortcuts:
        if sequence.isEmpty() or _is_plain(sequence):
            yield Finding("R18", action or "a shortcut", f"acts on {sequence.toString() or 'no key'} alone")
    bound = {action: sequence.toString() for sequence, action in shortcuts}
    letters = []
    for button in window.findChildren(QAbstractButton):
        action, keys = button.property("action"), button.property("keys")
        if action in bound and QKeySequence(keys).toString() != bound[action]:
            yield Finding("R18", _name(button), f"says {keys} where {bound[action]} is bound")
        if keys and not button.text().startswith(shown_keys(keys)):
            yield Finding("R18", _name(button), f"does not say its key {keys}")
        if button.isVisible() and not button.shortcut().isEmpty():
            letters.append(button.shortcut().toString())
    for letter, count in Counter(letters).items():
        if count > 1:
            yield Finding("R18", letter, f"is the mnemonic of {count} buttons")


def _is_plain(sequence: QKeySequence) -> bool:
    combination = sequence[0]
    printable = 0x20 <= combination.key() < 0x01000000
    return printable and not combination.keyboardModifiers() & ~_PLAIN


def _tabbable(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is window
    ]


def _cycle(window: QWidget, start: QWidget, key: Qt.Key) -> list[QWidget]:
    modifiers = Qt.KeyboardModifier.ShiftModifier if key is Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier
    start.setFocus(Qt.FocusReason.TabFocusReason)
    visited: list[QWidget] = []
    for _ in range(400):
        widget = window.focusWidget()
        if widget is None or (widget in visited and widget is not visited[-1]):
            break
        if visited and widget is visited[-1]:
            break
        visited.append(widget)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers))
    return visited


def _apart(earlier: QWidget, later: QWidget) -> tuple[QRect | None, QRect | None]:
    ancestors = set()
    widget: QWidget | None = earlier
    while widget is not None:
        ancestors.add(widget)
        widget = widget.parentWidget()
    below: QWidget = later
    while (above := below.parentWidget()) is not None and above not in ancestors:
        below = above
    common = below.parentWidget()
    if common is None or below in ancestors or common is earlier:
        return None, None
    first: QWidget = earlier
    while first.parentWidget() is not common:
        parent = first.parentWidget()
        if parent is None:
            return None, None
        first = parent
    return _rect(first), _rect(below)


def _rect(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


def _name(widget: QWidget) -> str:
    words = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
    return f"{type(widget).__name__} {words!r}"
