"""复核人: where a second person proves himself and signs what both see, in the place where it is needed."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.approval import Approval
from app.domain.refusal import Refusal
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import plain_button
from ui.widgets.card_frame import CardFrame
from ui.widgets.labelled import Field, labelled
from ui.widgets.message_line import MessageLine
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import word


class SecondPersonCard(QWidget):
    """Asks for staff number and password; once signed, shows who signed and how long that is good for."""

    submitted = Signal(str, str)
    """Staff number and password of the second person."""
    changed = Signal()
    """It was signed, or the signature has run out."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._approval: Approval | None = None
        self._since = QElapsedTimer()
        self._seconds = QTimer(self, interval=1000)
        self._seconds.timeout.connect(self.show_remaining)
        self._message = MessageLine(narrow=True)
        self._staff, self._password = QLineEdit(), QLineEdit()
        self._staff.setInputMethodHints(Qt.InputMethodHint.ImhLatinOnly)
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        required = texts("ui.form.required")
        self._fields: tuple[Field, ...] = (
            labelled(self._staff, texts("ui.second_person.staff_no"), required),
            labelled(self._password, texts("ui.second_person.password"), required),
        )
        self._sign = plain_button(texts("ui.second_person.sign"))
        self._sign.clicked.connect(self.submit)
        self._staff.returnPressed.connect(self._password.setFocus)
        self._password.returnPressed.connect(self.submit)
        self._who = word("", Type.BODY, strong=True, wrap=True)
        self._left = StatusChip("", Tone.OK)
        self._about = word(texts("ui.second_person.about"), Type.SMALL, muted=True, wrap=True)
        card = CardFrame(texts("ui.second_person.title"), gap=GRID + 4)
        for widget in (self._about, self._message, *(field.frame for field in self._fields)):
            card.body.addWidget(widget)
        for widget in (self._sign, self._who, self._left):
            card.body.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card.frame)
        self.clear()

    @property
    def approval(self) -> Approval | None:
        """Return the signature, for as long as it is good."""
        return self._approval

    def clear(self) -> None:
        """Ask anew; neither number nor password is kept."""
        self._approval = None
        self._seconds.stop()
        self._staff.clear()
        self._password.clear()
        self._message.clear()
        self._show_entries(True)

    def set_busy(self, busy: bool) -> None:
        """Take no second try while the first is being checked."""
        for widget in (self._staff, self._password, self._sign):
            widget.setEnabled(not busy)
        if busy:
            self._message.show_text(self._texts("ui.sign_in.checking"))
        else:
            self._message.clear()

    def set_problem(self, refusal: Refusal) -> None:
        """Say why it was not signed, or is good no more; the password is forgotten."""
        self._approval = None
        self._seconds.stop()
        self.set_busy(False)
        self._password.clear()
        self._show_entries(True)
        self._message.show_sentence(self._sentences.of(refusal))
        self.changed.emit()

    def set_approval(self, approval: Approval) -> None:
        """Show who signed, and count down how long that is good for."""
        self.set_busy(False)
        self._staff.clear()
        self._password.clear()
        self._approval = approval
        self._who.setText(self._texts("ui.second_person.who", name=approval.name, staff_no=approval.staff_no))
        self._show_entries(False)
        self._since.start()
        self._seconds.start()
        self.show_remaining()
        self.changed.emit()

    def show_remaining(self) -> None:
        """Say how long the signature is still good; when it has run out, ask anew."""
        if self._approval is None:
            return
        left = self._approval.valid_s - self._since.elapsed() / 1000
        if left <= 0:
            self.set_problem(Refusal("APPROVAL-LATE"))
            return
        minutes, seconds = divmod(round(left), 60)
        self._left.set_status(self._texts("ui.second_person.left", minutes=minutes, seconds=f"{seconds:02d}"), Tone.OK)

    def focus_first(self) -> None:
        """Put the focus where typing goes on."""
        self._fields[1 if self._staff.text() else 0].focus()

    def submit(self) -> None:
        """Send what was typed, or show what is missing."""
        if self._approval is not None or not self._sign.isEnabled():
            return
        typed = (self._staff.text().strip(), self._password.text())
        missing = None
        for field, value in zip(self._fields, typed, strict=True):
            refusal = Refusal.of("FIELD-REQUIRED", field=field.label.text())
            field.set_error("" if value else self._sentences.of(refusal).text)
            missing = missing or (None if value else field)
        if missing is not None:
            missing.focus()
            return
        self.submitted.emit(*typed)

    def _show_entries(self, asked: bool) -> None:
        for widget in (self._about, *(field.frame for field in self._fields), self._sign):
            widget.setVisible(asked)
        for field in self._fields:
            field.set_error("")
        for widget in (self._who, self._left):
            widget.setVisible(not asked)
