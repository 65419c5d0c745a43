"""A white card with a title, and what stands at its right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from ui.theme.tokens import GRID, Type
from ui.widgets.words import surface, word


class CardFrame:
    """One card: `frame` goes into the screen, `body` takes the content."""

    def __init__(self, title: str = "", kind: str = "card", gap: int = GRID) -> None:
        self.body = QVBoxLayout()
        self.body.setSpacing(gap)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.aside: QLabel = word("", Type.SMALL, muted=True)
        layout = QVBoxLayout()
        layout.setContentsMargins(2 * GRID - 2, GRID + 4, 2 * GRID - 2, GRID + 4)
        layout.setSpacing(GRID)
        if title:
            head = QHBoxLayout()
            head.addWidget(word(title, Type.BODY, strong=True), 1)
            head.addWidget(self.aside)
            layout.addLayout(head)
        layout.addLayout(self.body, 1)
        self.frame = surface(kind, layout)

    def set_aside(self, text: str) -> None:
        """Show a short fact at the right of the title."""
        self.aside.setText(text)
