"""The row of keys at the bottom, each a button that does the same."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.catalogue.texts import Texts
from ui.key_table import KeyRow, Place
from ui.theme.tokens import GRID
from ui.widgets.code_button import CodeButton
from ui.widgets.flow import FlowLayout


class KeyBar(QFrame):
    """Shows the keys of the table; keys that do nothing on a screen stay in their place, disabled."""

    pressed = Signal(str)
    """An action was chosen."""
    held = Signal(str, bool)
    """The button of a key that acts while held went down or up."""

    def __init__(self, texts: Texts, table: tuple[KeyRow, ...]) -> None:
        super().__init__()
        self.setProperty("surface", "keys")
        self._buttons: dict[str, CodeButton] = {}
        layout = FlowLayout(self, gap=6)
        layout.setContentsMargins(GRID + 4, GRID, GRID + 4, GRID)
        for place in (Place.LEFT, Place.RIGHT):
            if place is Place.RIGHT:
                layout.right_from_here()
            for row in table:
                if row.bar is place:
                    layout.addWidget(self._button(row, texts(row.label)))

    def _button(self, row: KeyRow, label: str) -> CodeButton:
        button = CodeButton(row.shown, label, act=row.act)
        button.setProperty("action", str(row.action))
        button.setProperty("keys", row.keys)
        if row.hold:
            button.pressed.connect(lambda action=str(row.action): self.held.emit(action, True))
            button.released.connect(lambda action=str(row.action): self.held.emit(action, False))
        else:
            button.clicked.connect(lambda _checked=False, action=str(row.action): self.pressed.emit(action))
        self._buttons[row.action] = button
        return button

    def set_available(self, actions: Iterable[str]) -> None:
        """Enable exactly these actions."""
        available = set(actions)
        for action, button in self._buttons.items():
            button.setEnabled(action in available)

    def button(self, action: str) -> CodeButton:
        """Return the button of an action that stands in the bar."""
        return self._buttons[action]
