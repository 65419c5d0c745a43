"""The holder's touch pad for the 社保密码: ten keys in a new order at each entry, digits painted and nowhere else."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from hardware.pin_pad.pin_digits import PinDigits
from hardware.pin_pad.shuffled_keys import shuffled_keys
from ui.a11y.names import give_name
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Type
from ui.widgets.act_button import ActButton, plain_button
from ui.widgets.message_line import MessageLine
from ui.widgets.words import word

KEY_SIZE = (104, 72)
"""Width and height of a key, large enough for a thumb on a counter's touch screen."""
COLUMNS = 3
_WITH_TEXT = 0.25
"""How far a key grows with the text: all five rows stay on the least screen."""
_LARGER = 1.8
"""A digit on a key, to the text around."""


class _DigitKey(QPushButton):
    """A key without a text: a screen reader, and who looks through the window's objects, learn its place only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._digit: int | None = None
        give_name(self, name)

    def show_digit(self, digit: int | None) -> None:
        self._digit = digit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        if self._digit is not None:
            _draw_digit(painter, self.rect(), self.palette(), self._digit)


class ShuffledPad(QWidget):
    """Shown for one entry: shuffles when it appears, wipes when it goes.

    Digits of a keyboard are refused: the clerk's is the nearest one.
    """

    entered = Signal(object)
    """The PinDigits; whoever takes them wipes them."""
    cancelled = Signal()

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._digits = PinDigits()
        self._order: tuple[int, ...] = ()
        self._count = word("", Type.TITLE)
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message = MessageLine()
        self._keys = [_DigitKey(texts("ui.pad.key").format(place=place + 1)) for place in range(10)]
        self._back, self._cancel = (plain_button(texts(f"ui.pad.{name}")) for name in ("back", "cancel"))
        self._enter = ActButton(texts("ui.pad.enter"))
        for place, key in enumerate(self._keys):
            key.clicked.connect(lambda _checked=False, place=place: self.press(place))
        self._back.clicked.connect(self._take_back)
        self._cancel.clicked.connect(self._cancel_entry)
        self._enter.clicked.connect(self._hand_over)
        self._lay_out()

    def _lay_out(self) -> None:
        title = word(self._texts("ui.pad.title"), Type.TITLE)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Keys stay in their places while the first dot comes and a sentence goes.
        self._count.setMinimumHeight(self._count.fontMetrics().height() + GRID)
        keys = QGridLayout()
        keys.setSpacing(GRID)
        size = QSize(*(round(side * (1 + (scale_in_use() - 1) * _WITH_TEXT)) for side in KEY_SIZE))
        for place, key in enumerate([*self._keys[:9], self._back, self._keys[9], self._enter]):
            key.setMinimumSize(size)
            key.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            keys.addWidget(key, place // COLUMNS, place % COLUMNS)
        keys.addWidget(self._cancel, 4, 0, 1, COLUMNS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self._message)
        layout.addStretch(1)
        layout.addWidget(title)
        layout.addWidget(self._count)
        layout.addLayout(keys)
        layout.setAlignment(keys, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def set_problem(self, refusal: Refusal | None) -> None:
        """Say above the keys what went wrong, or take it away."""
        if refusal is None:
            self._message.clear()
        else:
            self._message.show_sentence(self._sentences.of(refusal))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin an entry with a new order."""
        super().showEvent(event)
        if not self._order:
            self.begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """Wipe what was entered and the order."""
        super().hideEvent(event)
        self._end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Refuse a keyboard's digits."""
        if event.text().isdigit():
            self.set_problem(Refusal("PASSWORD-KEYBOARD"))
            return
        super().keyPressEvent(event)

    def begin(self) -> None:
        """Wipe what was entered, and put the keys in a new order."""
        self._digits.wipe()
        self._order = shuffled_keys()
        self._show()

    def _end(self) -> None:
        self._digits.wipe()
        self._order = ()
        self._show()

    def _show(self) -> None:
        for place, key in enumerate(self._keys):
            key.show_digit(self._order[place] if self._order else None)
        count = len(self._digits)
        self._count.setText("●" * count)
        give_name(self._count, self._texts("ui.pad.count").format(count=count))
        self._enter.setEnabled(self._digits.long_enough)

    def press(self, place: int) -> None:
        """Take the digit of the key in a place, 0 to 9."""
        if self._order:
            self.set_problem(None)
            self._digits.press(self._order[place])
            self._show()

    def _take_back(self) -> None:
        self._digits.take_back()
        self._show()

    def _cancel_entry(self) -> None:
        self.begin()
        self.cancelled.emit()

    def _hand_over(self) -> None:
        given, self._digits = self._digits, PinDigits()
        self.begin()
        self.entered.emit(given)


def _draw_digit(painter: QPainter, area: QRect, palette: QPalette, digit: int) -> None:
    painter.setPen(palette.color(QPalette.ColorRole.ButtonText))
    font = painter.font()
    font.setPixelSize(round(painter.fontInfo().pixelSize() * _LARGER))
    painter.setFont(font)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(digit))
