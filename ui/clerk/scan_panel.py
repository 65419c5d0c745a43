"""F3: what the holder does while the camera looks for a code, and whether the camera is there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import plain_button
from ui.widgets.message_line import MessageLine
from ui.widgets.words import word


class ScanPanel(QFrame):
    """Stands beside the work for as long as the camera runs."""

    cancelled = Signal()
    covered = Signal()
    """Another screen or panel took its place."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._message = MessageLine(narrow=True)
        self._cancel = plain_button(texts("ui.scan.cancel"))
        self._cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(word(texts("ui.scan.title"), Type.HEADING, wrap=True))
        layout.addWidget(self._message)
        layout.addWidget(word(texts("ui.scan.hold"), wrap=True))
        layout.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)

    def set_opening(self) -> None:
        """Say that the camera is being opened."""
        self._message.show_text(self._texts("ui.scan.opening"))

    def set_looking(self) -> None:
        """Say that the camera looks for a code."""
        self._message.show_text(self._texts("ui.scan.looking"), Tone.OK)

    def set_problem(self, refusal: Refusal) -> None:
        """Say why the camera sees nothing; it is tried again all the same."""
        self._message.show_sentence(self._sentences.of(refusal))

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody sees any more that the camera runs."""
        super().hideEvent(event)
        # A window that is only put aside by the system comes back as it was.
        if not event.spontaneous():
            self.covered.emit()

    def focus_first(self) -> None:
        """Put the focus on giving up."""
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)
