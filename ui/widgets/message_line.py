"""What happened, in a sentence, what to do now, and the code; stays until the next one."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from app.catalogue.sentences import Sentence
from ui.theme.apply import set_style
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.banner import Mark
from ui.widgets.words import column, row, word


class MessageLine(QFrame):
    """One line of message; there are no toasts and no boxes; `narrow` puts the code below."""

    def __init__(self, *, narrow: bool = False) -> None:
        super().__init__()
        self._mark = Mark(Tone.INFO)
        self._text = word("", Type.BODY, wrap=True)
        self._code = word("", Type.SMALL, muted=True)
        layout = row(self._mark, gap=GRID, margins=(GRID + 4, 6, GRID + 4, 6))
        if narrow:
            layout.addLayout(column(self._text, self._code, gap=2), 1)
        else:
            layout.addWidget(self._text, 1)
            layout.addWidget(self._code)
        self.setLayout(layout)
        self.setProperty("banner", str(Tone.INFO))
        self.hide()

    @property
    def text(self) -> str:
        """Return what is shown, sentence and remedy."""
        return self._text.text()

    def show_sentence(self, sentence: Sentence, tone: Tone = Tone.ERROR) -> None:
        """Show a sentence with its remedy and, small, its code."""
        self._show(f"{sentence.text}{sentence.remedy}", sentence.code, tone)

    def show_text(self, text: str, tone: Tone = Tone.INFO) -> None:
        """Show a plain line without a code."""
        self._show(text, "", tone)

    def clear(self) -> None:
        """Hide the line."""
        self._text.setText("")
        self.hide()

    def _show(self, text: str, code: str, tone: Tone) -> None:
        self._mark.set_tone(tone)
        set_style(self, banner=str(tone))
        self._text.setText(text)
        self._code.setText(code)
        self._code.setVisible(bool(code))
        self.show()
