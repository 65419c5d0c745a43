"""The accessible tree of a window, as plain values that rules can judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QRect
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

Role = QAccessible.Role


@dataclass
class Node:
    """One visible node; `widget` is None for cells, items and other parts of a widget."""

    role: QAccessible.Role
    name: str
    description: str
    value: str
    rect: QRect
    focusable: bool
    enabled: bool
    actions: tuple[str, ...]
    range: tuple[float, float, float] | None
    """Least, greatest, current; None without a value."""
    widget: QWidget | None
    labelled: bool
    """Another node says that it is its label."""
    in_scroll: bool
    """Inside something that scrolls: it may lie outside of what is seen."""
    parent: Node | None = field(repr=False, default=None)
    children: list[Node] = field(default_factory=list, repr=False)

    @property
    def where(self) -> str:
        """Say which node this is, for a finding."""
        kind = type(self.widget).__name__ if self.widget is not None else "part"
        return f"{kind} {self.role.name} {self.name!r}"


def read_tree(window: QWidget) -> Node:
    """Read the visible accessible tree of a shown window."""
    root = QAccessible.queryAccessibleInterface(window)
    if root is None:
        raise LookupError(f"{type(window).__name__} has no accessible interface")
    return _read(root, None, in_scroll=False)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def _read(interface: QAccessibleInterface, parent: Node | None, *, in_scroll: bool) -> Node:
    state = interface.state()
    source = interface.object()
    widget = source if isinstance(source, QWidget) else None
    node = Node(
        role=interface.role(),
        name=interface.text(QAccessible.Text.Name),
        description=interface.text(QAccessible.Text.Description),
        value=interface.text(QAccessible.Text.Value),
        rect=interface.rect(),
        focusable=bool(state.focusable),
        enabled=not bool(state.disabled),
        actions=_actions(interface),
        range=_range(interface),
        widget=widget,
        labelled=_labelled(interface),
        in_scroll=in_scroll,
        parent=parent,
    )
    scrolls = in_scroll or isinstance(widget, QAbstractScrollArea)
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and child.isValid() and _seen(child):
            node.children.append(_read(child, node, in_scroll=scrolls))
    return node


def _seen(interface: QAccessibleInterface) -> bool:
    source = interface.object()
    if isinstance(source, QWidget):
        return source.isVisible() and not source.isWindow()
    return not interface.state().invisible and interface.role() is not Role.Pane


def _actions(interface: QAccessibleInterface) -> tuple[str, ...]:
    actions = interface.actionInterface()
    return tuple(actions.actionNames()) if isinstance(actions, QAccessibleActionInterface) else ()


def _labelled(interface: QAccessibleInterface) -> bool:
    return any(kind & QAccessible.RelationFlag.Label for _, kind in interface.relations())


def _range(interface: QAccessibleInterface) -> tuple[float, float, float] | None:
    value = interface.valueInterface()
    if value is None:
        return None
    numbers = (value.minimumValue(), value.maximumValue(), value.currentValue())
    return (float(numbers[0] or 0), float(numbers[1] or 0), float(numbers[2] or 0))
