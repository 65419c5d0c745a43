"""A screen's place: its content, or why there is none, or what is being waited for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentence
from app.catalogue.texts import Texts
from ui.a11y.focus_order import focus_order
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import ActButton
from ui.widgets.busy import Busy
from ui.widgets.scroll_page import scroll_page
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import column, surface, word


class StatePage(QWidget):
    """Shows one of three: the content, a wait, or a sentence with one action."""

    acted = Signal()
    """The action of an empty or failed page was chosen."""

    def __init__(self, content: QWidget, texts: Texts) -> None:
        super().__init__()
        self._busy = Busy(lambda seconds: texts("ui.busy.elapsed", seconds=seconds))
        self._problem_word = texts("ui.state.problem")
        self._status = StatusChip("", Tone.INFO)
        self._title = word("", Type.HEADING, wrap=True)
        self._remedy = word("", Type.BODY, wrap=True)
        self._code = word("", Type.SMALL, muted=True)
        self._button = ActButton("")
        self._button.clicked.connect(self.acted)
        said = column(
            self._status,
            self._title,
            self._remedy,
            self._code,
            gap=GRID,
            margins=(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID),
        )
        said.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        card = surface("card", said)
        place = QWidget()
        layout = QVBoxLayout(place)
        layout.setContentsMargins(2 * GRID, 2 * GRID - 2, 2 * GRID, 2 * GRID - 2)
        layout.addWidget(card)
        layout.addStretch(1)
        self._stack = QStackedLayout(self)
        self._content = content
        self._sentence = scroll_page(place)
        for page in (content, self._busy, self._sentence):
            self._stack.addWidget(page)

    @property
    def said(self) -> str:
        """Return the sentence shown instead of content, or nothing."""
        return self._title.text() if self._stack.currentWidget() is self._sentence else ""

    def show_content(self) -> None:
        """Show the content; the focus goes there from the action that is no more."""
        had_focus = self._button.hasFocus()
        self._stack.setCurrentWidget(self._content)
        for widget in focus_order(self._content)[:1] if had_focus else ():
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_busy(self, text: str) -> None:
        """Say what is being waited for."""
        self._stack.setCurrentWidget(self._busy)
        self._busy.start(text)

    def show_problem(self, sentence: Sentence, action: str = "") -> None:
        """Say what went wrong, what to do, and offer one action."""
        self._show(self._problem_word, Tone.ERROR, sentence.text, sentence.remedy, sentence.code, action)

    def show_empty(self, status: str, title: str, remedy: str, action: str = "", tone: Tone = Tone.INFO) -> None:
        """Say why there is nothing, and offer one action."""
        self._show(status, tone, title, remedy, "", action)

    def _show(self, status: str, tone: Tone, title: str, remedy: str, code: str, action: str) -> None:
        self._status.set_status(status, tone)
        self._title.setText(title)
        self._remedy.setText(remedy)
        self._code.setText(code)
        self._code.setVisible(bool(code))
        self._button.setText(action)
        self._button.setVisible(bool(action))
        if self._stack.currentWidget() is not self._sentence:
            self._stack.setCurrentWidget(self._sentence)
            self._offer()

    def _offer(self) -> None:
        """Put the focus on the action, so that Enter does it; whoever types somewhere is left alone."""
        if not isinstance(QApplication.focusWidget(), QLineEdit):
            self._button.setFocus(Qt.FocusReason.OtherFocusReason)
