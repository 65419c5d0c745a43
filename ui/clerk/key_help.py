"""F1: every key and what it does, beside the work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.catalogue.texts import Texts
from ui.key_table import KeyRow
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import plain_button
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import clear, column, row, surface, word


class KeyHelp(QFrame):
    """The keys that act on a screen first, then the others."""

    closed = Signal()

    def __init__(self, texts: Texts, table: tuple[KeyRow, ...]) -> None:
        super().__init__()
        self._texts = texts
        self._table = table
        self._lists = {"here": column(gap=0), "elsewhere": column(gap=0)}
        self._close = plain_button(texts("ui.help.close"))
        self._close.clicked.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(word(texts("ui.help.title"), Type.HEADING))
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignLeft)
        for name, keys in self._lists.items():
            tone = Tone.OK if name == "here" else Tone.OFF
            layout.addWidget(StatusChip(texts(f"ui.help.{name}"), tone))
            layout.addLayout(keys)
            layout.addSpacing(GRID)
        layout.addStretch(1)

    def set_screen(self, screen: str) -> None:
        """Sort the keys by what acts on a screen."""
        for name, keys in self._lists.items():
            clear(keys)
            for entry in self._table:
                if entry.acts_on(screen) == (name == "here"):
                    keys.addWidget(self._line(entry))

    def focus_first(self) -> None:
        """Put the focus on closing."""
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line(self, entry: KeyRow) -> QWidget:
        line = row(word(self._texts(entry.label), wrap=True), gap=GRID, margins=(0, 4, 0, 4))
        line.setStretch(0, 1)
        keys = word(entry.shown, strong=True)
        line.addWidget(keys, 0, Qt.AlignmentFlag.AlignRight)
        return surface("row", line)
