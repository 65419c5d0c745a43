"""The only way to add an entry field: label, name, requirement and error belong together."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QLayout, QVBoxLayout, QWidget

from ui.a11y.focus_order import scroll_to
from ui.a11y.names import describe, give_name
from ui.theme.apply import scale_in_use, set_style
from ui.theme.tokens import Tone, Type
from ui.widgets.flow import FlowLayout
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import word

ENTRY_WIDTH = 320


class Field:
    """A labelled entry: `frame` goes into the form; errors stand beside the entry and in its description."""

    def __init__(
        self, edit: QWidget, text: str, required_word: str = "", hint: str = "", *, wide: bool = False
    ) -> None:
        self.edit = edit
        self.label: QLabel = word(text, Type.SMALL, muted=True)
        self.label.setBuddy(edit)
        self._standing = "，".join(part for part in (required_word, hint) if part)
        self._error = StatusChip("", Tone.ERROR)
        self._error.setVisible(False)
        give_name(edit, text)
        describe(edit, self._standing)
        head = FlowLayout(gap=6)
        head.addWidget(self.label)
        if required_word:
            star = word(f"* {required_word}", Type.SMALL)
            star.setProperty("tone", str(Tone.ERROR))
            head.addWidget(star)
        line: QLayout = QVBoxLayout() if wide else FlowLayout()
        if not wide:
            edit.setMinimumWidth(round(ENTRY_WIDTH * min(scale_in_use(), 1.5)))
        line.addWidget(edit)
        line.addWidget(self._error)
        self.frame = QWidget()
        layout = QVBoxLayout(self.frame)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(line)
        if hint:
            layout.addWidget(word(hint, Type.SMALL, muted=True, wrap=True))

    @property
    def error(self) -> str:
        """Return the error shown, or nothing."""
        return "" if self._error.isHidden() else self._error.text()

    def set_error(self, text: str) -> None:
        """Show an error beside the entry and say it in the entry's description; empty takes it away."""
        self._error.set_status(text, Tone.ERROR)
        self._error.setVisible(bool(text))
        describe(self.edit, text or self._standing)
        set_style(self.edit, wrong=bool(text))

    def focus(self) -> None:
        """Put the focus into the entry and scroll to it, once what else changed has found its place."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, self.frame, lambda: scroll_to(self.frame))


def labelled(edit: QWidget, text: str, required_word: str = "", hint: str = "", *, wide: bool = False) -> Field:
    """Give an entry its label, accessible name and place for errors.

    `required_word` marks it as required; `wide` lets it take all of the width, with errors below.
    """
    return Field(edit, text, required_word, hint, wide=wide)
