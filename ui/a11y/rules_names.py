"""Rules about names, descriptions and roles: R01 to R04, R06, R07, R09, R10."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QLabel, QWidget

from ui.a11y.finding import Finding
from ui.a11y.tree import Node, Role, walk

NAME_MOST = 512
ROLE_WORDS = {
    Role.Button: ("按钮", "button"),
    Role.EditableText: ("输入框", "文本框", "edit box"),
    Role.ComboBox: ("下拉框", "combo box"),
    Role.CheckBox: ("复选框", "check box"),
    Role.Table: ("表格", "table"),
    Role.List: ("列表", "list box"),
}
NAMELESS_ROLES = (Role.Client, Role.NoRole, Role.UserRole)
TITLED_PARTS = (Role.ListItem, Role.Cell, Role.TreeItem)


def focusable_has_name(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R01: what takes the focus has a name of reasonable length."""
    for node in walk(tree):
        if node.focusable and not node.name.strip():
            yield Finding("R01", node.where, "can take the focus and has no name")
        elif len(node.name) > NAME_MOST:
            yield Finding("R01", node.where, f"its name has {len(node.name)} characters")


def name_is_plain(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R02: a name does not say the role again and has no private characters."""
    for node in walk(tree):
        if any("\ue000" <= character <= "\uf8ff" or character >= "\U000f0000" for character in node.name):
            yield Finding("R02", node.where, "its name holds private-use characters")
        said = node.name.casefold()
        if any(word in said for word in ROLE_WORDS.get(node.role, ())):
            yield Finding("R02", node.where, "its name repeats its role")


def description_adds(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R03: a description says something else than the name."""
    for node in walk(tree):
        if node.description and node.description == node.name:
            yield Finding("R03", node.where, "its description is its name")


def siblings_differ(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R04: focusable siblings differ in name or role; cells of a table may say the same."""
    for node in walk(tree):
        seen = set()
        for child in node.children:
            if not child.focusable or child.role is Role.Cell:
                continue
            key = (child.name, child.role)
            if key in seen:
                yield Finding("R04", child.where, "a sibling has the same name and role")
            seen.add(key)


def acts_as_its_role(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R06: a button can be pressed, a check box toggled, and a combo box is not named by its value alone.

    On Linux Qt always gives a combo box its value for a name; there the label's relation counts.
    """
    for node in walk(tree):
        if not node.enabled:
            continue
        if node.role is Role.Button and "Press" not in node.actions:
            yield Finding("R06", node.where, "a button that cannot be pressed")
        if node.role is Role.CheckBox and "Toggle" not in node.actions:
            yield Finding("R06", node.where, "a check box that cannot be toggled")
        if node.role is Role.ComboBox and node.name and node.name == node.value and not node.labelled:
            yield Finding("R06", node.where, "named by its value")


def has_a_role(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R07: what takes the focus, or paints itself to tell a state, has a real role.

    A widget that paints itself and stands beside words that say the same is named in `decoration`.
    """
    for node in walk(tree):
        if node.role not in NAMELESS_ROLES or node.parent is None:
            continue
        if node.focusable:
            yield Finding("R07", node.where, "takes the focus without a role")
        elif _paints_state(node):
            yield Finding("R07", node.where, "paints something that nobody reads")


def _paints_state(node: Node) -> bool:
    widget = node.widget
    if widget is None or node.children or isinstance(widget, QLabel):
        return False
    if bool(widget.property("decoration")):
        return False
    return "paintEvent" in vars(type(widget))


def progress_has_range(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R09: a progress bar has a range, and its value lies in it."""
    for node in walk(tree):
        if node.role is not Role.ProgressBar:
            continue
        least, most, value = node.range or (0.0, 0.0, 0.0)
        if not least < most:
            yield Finding("R09", node.where, "a progress bar without a range")
        elif not least <= value <= most:
            yield Finding("R09", node.where, "a progress bar without a value")


def child_is_not_its_parent(_window: QWidget, tree: Node) -> Iterator[Finding]:
    """R10: a child does not have its parent's name and role."""
    for node in walk(tree):
        for child in node.children:
            if child.name and (child.name, child.role) == (node.name, node.role):
                yield Finding("R10", child.where, "says what its parent says")
