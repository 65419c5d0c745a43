"""A personal number, a citizen number grouped 6-8-4, masked until someone holds the key that shows it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

from app.catalogue import masks
from app.domain.citizen_number import grouped
from ui.theme.tokens import Type

_NUMBER = re.compile(r"(?<!\d)(\d{6}) ?(\d{8}) ?(\d{3}[\dXx])(?!\d)")


def masked(field: str, value: str) -> str:
    """Return a field's value as the masks table lets it be seen; where it says nothing, no citizen number is seen."""
    table = masks.load()
    if table.hides(field):
        return grouped(table.hide(field, value.replace(" ", "")))
    return masked_text(value)


def masked_text(text: str) -> str:
    """Return a text with every citizen number in it masked."""
    return _NUMBER.sub(lambda found: masked("citizen_number", found[0]), text)


class MaskedLabel(QLabel):
    """Shows one number, masked as its field is; the number in clear is in the widget's text only while it is shown."""

    reveal_wanted = Signal(bool)
    """The mouse is held on the number, or let go."""

    def __init__(
        self, number: str = "", kind: Type = Type.HEADING, hint: str = "", field: str = "citizen_number"
    ) -> None:
        super().__init__()
        self._field = field
        self._number = ""
        self._revealed = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("type", str(kind))
        self.setProperty("light", "true")
        self.setToolTip(hint)
        self.set_number(number)

    def set_number(self, number: str) -> None:
        """Take another number, masked again; empty forgets it."""
        self._number = number.replace(" ", "")
        self.set_revealed(False)

    def set_revealed(self, revealed: bool) -> None:
        """Show the number in clear, or mask it."""
        self._revealed = revealed
        self.setText(grouped(self._number) if revealed else masked(self._field, self._number))

    @property
    def revealed(self) -> bool:
        """Tell whether the number is in clear now."""
        return self._revealed

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the number while the button is held."""
        event.accept()
        self.reveal_wanted.emit(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the mask again."""
        event.accept()
        self.reveal_wanted.emit(False)
