"""Names and descriptions for assistive technology."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def give_name(widget: QWidget, name: str) -> None:
    """Name a widget for assistive technology."""
    widget.setAccessibleName(name)


def describe(widget: QWidget, description: str) -> None:
    """Add what the name does not say, such as an error; never the name again."""
    widget.setAccessibleDescription("" if description == widget.accessibleName() else description)
