"""签到: who works at which window, and what the devices say."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.act_button import ActButton
from ui.widgets.banner import Banner
from ui.widgets.card_frame import CardFrame
from ui.widgets.device_light import DeviceLight, DeviceView
from ui.widgets.flow import AdaptiveGrid
from ui.widgets.labelled import Field, labelled
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page
from ui.widgets.words import centred, clear, column, word

WIDTH = 960
"""Of both cards, in px at scale 1."""


class SignInScreen(QWidget):
    """Staff number, password, window; beside it the self-test."""

    submitted = Signal(str, str, str)
    """Staff number, password, window."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._message = MessageLine(narrow=True)
        self._training = Banner(Tone.INFO)
        self._staff, self._password, self._window = QLineEdit(), QLineEdit(), QComboBox()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._password.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        self._staff.setInputMethodHints(Qt.InputMethodHint.ImhLatinOnly)
        required = texts("ui.form.required")
        self._fields: tuple[Field, ...] = (
            labelled(self._staff, texts("ui.sign_in.staff_no"), required),
            labelled(self._password, texts("ui.sign_in.password"), required),
            labelled(self._window, texts("ui.sign_in.window"), required),
        )
        self._start = ActButton(texts("ui.sign_in.start"))
        self._start.clicked.connect(self.submit)
        self._staff.returnPressed.connect(self._password.setFocus)
        self._password.returnPressed.connect(self.submit)
        self._lights = column(gap=GRID)
        self.set_self_test(())
        self._build()

    def _build(self) -> None:
        people = CardFrame(self._texts("ui.sign_in.who"), gap=2 * GRID)
        people.body.addWidget(self._training)
        people.body.addWidget(self._message)
        for field in self._fields:
            people.body.addWidget(field.frame)
        people.body.addWidget(self._start, 0, Qt.AlignmentFlag.AlignLeft)
        people.body.addStretch(1)
        devices = CardFrame(self._texts("ui.sign_in.self_test"))
        devices.body.addLayout(self._lights)
        devices.body.addWidget(word(self._texts("ui.sign_in.may_go_on"), Type.SMALL, muted=True, wrap=True))
        devices.body.addStretch(1)
        cards = AdaptiveGrid(round(360 * scale_in_use()), 2)
        cards.addWidget(people.frame)
        cards.addWidget(devices.frame)
        content = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        # Before anything is in it: a scroll area measures what it is given.
        outer.addWidget(scroll_page(content))
        middle = QWidget()
        page = QVBoxLayout(content)
        page.setContentsMargins(2 * GRID, 6 * GRID, 2 * GRID, 2 * GRID)
        page.addLayout(centred(middle, round(WIDTH * scale_in_use())))
        page.addStretch(1)
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(word(self._texts("ui.sign_in.title"), Type.TITLE))
        layout.addLayout(cards)

    def set_windows(self, windows: tuple[str, ...], chosen: str = "") -> None:
        """Offer windows; the chosen one stands first."""
        self._window.clear()
        for window in windows:
            self._window.addItem(self._texts("ui.sign_in.window_item", window=window), window)
        self._window.setCurrentIndex(max(self._window.findData(chosen), 0))

    def set_training(self, staff_no: str, password: str) -> None:
        """Tell a trainee who to sign in as."""
        self._training.show_text(self._texts("ui.sign_in.training", staff_no=staff_no, password=password))

    def set_staff(self, staff_no: str) -> None:
        """Fill in the number of the last clerk."""
        self._staff.setText(staff_no)

    def set_self_test(self, devices: tuple[DeviceView, ...]) -> None:
        """Show what each device said; none yet says that the test runs."""
        clear(self._lights)
        for device in devices:
            light = DeviceLight(device)
            light.setProperty("type", str(Type.BODY))
            self._lights.addWidget(light)
        if not devices:
            self._lights.addWidget(word(self._texts("ui.sign_in.testing"), muted=True))

    def set_busy(self, busy: bool) -> None:
        """Take no second submission while the first is being checked."""
        self._take(not busy)
        if busy:
            self._message.show_text(self._texts("ui.sign_in.checking"))

    def set_opening(self) -> None:
        """Say that journal and queue are being opened."""
        self._take(False)
        self._message.show_text(self._texts("ui.sign_in.opening"))

    def set_shut(self) -> None:
        """Take nothing: the counter did not open, and the window says why."""
        self._take(False)

    def _take(self, entries: bool) -> None:
        self._start.setEnabled(entries)
        for field in self._fields:
            field.edit.setEnabled(entries)
        self._message.clear()

    def set_problem(self, refusal: Refusal | None) -> None:
        """Say why signing in did not work; the password is forgotten."""
        self.set_busy(False)
        self.clear_password()
        if refusal is not None:
            self._message.show_sentence(self._sentences.of(refusal))
            self._password.setFocus()

    def clear_password(self) -> None:
        """Forget the password."""
        self._password.clear()

    def focus_first(self) -> None:
        """Put the focus where typing goes on."""
        self._fields[1 if self._staff.text() else 0].focus()

    def submit(self) -> None:
        """Send what was typed, or show what is missing."""
        typed = (self._staff.text().strip(), self._password.text(), str(self._window.currentData() or ""))
        missing = None
        for field, value in zip(self._fields, typed, strict=True):
            refusal = Refusal.of("FIELD-REQUIRED", field=field.label.text())
            field.set_error("" if value else self._sentences.of(refusal).text)
            missing = missing or (None if value else field)
        if missing is not None:
            missing.focus()
            return
        self.submitted.emit(*typed)
