"""锁屏: the work stays, nothing of it can be seen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Type
from ui.widgets.act_button import ActButton
from ui.widgets.card_frame import CardFrame
from ui.widgets.labelled import labelled
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page
from ui.widgets.words import centred, word

WIDTH = 600
"""Of the card, in px at scale 1."""


class LockScreen(QWidget):
    """Asks for the password of the clerk who is signed in."""

    submitted = Signal(str)
    """The password."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._who = word("", Type.HEADING, wrap=True)
        self._kept = word(texts("ui.lock.kept"), muted=True, wrap=True)
        self._message = MessageLine(narrow=True)
        self._password = QLineEdit()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        self._field = labelled(self._password, texts("ui.sign_in.password"), texts("ui.form.required"))
        self._unlock = ActButton(texts("ui.lock.unlock"))
        self._unlock.clicked.connect(self.submit)
        self._password.returnPressed.connect(self.submit)
        card = CardFrame("", gap=2 * GRID)
        for widget in (self._who, self._kept, self._message, self._field.frame):
            card.body.addWidget(widget)
        card.body.addWidget(self._unlock, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(word(texts("ui.lock.title"), Type.TITLE))
        layout.addWidget(card.frame)
        content = QWidget()
        page = QVBoxLayout(content)
        page.setContentsMargins(2 * GRID, 6 * GRID, 2 * GRID, 2 * GRID)
        page.addLayout(centred(middle, round(WIDTH * scale_in_use())))
        page.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_page(content))

    def set_actor(self, name: str, staff_no: str) -> None:
        """Say who may unlock."""
        self._who.setText(self._texts("ui.lock.who", name=name, staff_no=staff_no))

    def set_busy(self, busy: bool) -> None:
        """Take no second try while the first is being checked."""
        self._unlock.setEnabled(not busy)
        self._password.setEnabled(not busy)
        if busy:
            self._message.show_text(self._texts("ui.sign_in.checking"))
        else:
            self._message.clear()

    def set_problem(self, refusal: Refusal | None) -> None:
        """Say why it stays locked; the password is forgotten."""
        self.set_busy(False)
        self._password.clear()
        if refusal is not None:
            self._message.show_sentence(self._sentences.of(refusal))
            self._password.setFocus()

    def focus_first(self) -> None:
        """Put the focus into the password."""
        self._field.focus()

    def submit(self) -> None:
        """Send the password, or say that it is missing."""
        password = self._password.text()
        refusal = Refusal.of("FIELD-REQUIRED", field=self._field.label.text())
        self._field.set_error("" if password else self._sentences.of(refusal).text)
        if password:
            self.submitted.emit(password)
        else:
            self._field.focus()
