"""A white card with a title, and what stands at its right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidget, QVBoxLayout

from ui.theme.tokens import FOCUS_WIDTH, GRID, Type
from ui.widgets.words import surface, word

TABLE_INSET = FOCUS_WIDTH + 3
"""From the edge of a table to the words in its cells, in px: the focus ring, and what Qt leaves free."""


class CardFrame:
    """One card: `frame` goes into the screen, `body` takes the content."""

    def __init__(self, title: str = "", kind: str = "card", gap: int = GRID) -> None:
        self.body = QVBoxLayout()
        self.body.setSpacing(gap)
        self.body.setContentsMargins(TABLE_INSET, 0, TABLE_INSET, 0)
        self.aside: QLabel = word("", Type.SMALL, muted=True)
        self._layout = QVBoxLayout()
        self._layout.setContentsMargins(2 * GRID - TABLE_INSET, GRID + 4, 2 * GRID - TABLE_INSET, GRID + 4)
        self._layout.setSpacing(GRID)
        if title:
            head = QHBoxLayout()
            head.setContentsMargins(TABLE_INSET, 0, TABLE_INSET, 0)
            head.addWidget(word(title, Type.BODY, strong=True), 1)
            head.addWidget(self.aside)
            self._layout.addLayout(head)
        self._layout.addLayout(self.body, 1)
        self.frame = surface(kind, self._layout)

    def add_table(self, table: QTableWidget) -> None:
        """Put a table above the content, so that its words, not its focus ring, stand below the title's."""
        self._layout.insertWidget(self._layout.count() - 1, table)

    def set_aside(self, text: str) -> None:
        """Show a short fact at the right of the title."""
        self.aside.setText(text)
