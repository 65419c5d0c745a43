"""The holder's touch pad for the 社保密码: ten keys in a new order at each entry, digits painted and nowhere else."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QStyle, QStyleOptionButton, QStylePainter, QWidget

from app.catalogue.texts import Texts
from hardware.pin_pad.pin_digits import PinDigits
from hardware.pin_pad.shuffled_keys import shuffled_keys
from ui.a11y.names import give_name

KEY_SIZE = 72
COLUMNS = 3
_LARGER = 1.8
"""A digit on a key, to the text around."""


class _DigitKey(QPushButton):
    """A key without a text: a screen reader, and who looks through the window's objects, learn its place only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._digit: int | None = None
        self.setMinimumSize(QSize(KEY_SIZE, KEY_SIZE))
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
    keyboard_refused = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._digits = PinDigits()
        self._order: tuple[int, ...] = ()
        self._count = QLabel()
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._keys = [_DigitKey(texts("ui.pad.key").format(place=place + 1)) for place in range(10)]
        self._back, self._cancel, self._enter = (
            QPushButton(texts(f"ui.pad.{name}")) for name in ("back", "cancel", "enter")
        )
        for place, key in enumerate(self._keys):
            key.clicked.connect(lambda _checked=False, place=place: self._pressed(place))
        self._back.clicked.connect(self._take_back)
        self._cancel.clicked.connect(self._cancel_entry)
        self._enter.clicked.connect(self._hand_over)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        title = QLabel(self._texts("ui.pad.title"))
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(title, 0, 0, 1, COLUMNS)
        layout.addWidget(self._count, 1, 0, 1, COLUMNS)
        for place, key in enumerate([*self._keys[:9], self._back, self._keys[9], self._enter]):
            key.setMinimumSize(QSize(KEY_SIZE, KEY_SIZE))
            layout.addWidget(key, 2 + place // COLUMNS, place % COLUMNS)
        layout.addWidget(self._cancel, 6, 0, 1, COLUMNS)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin an entry with a new order."""
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """Wipe what was entered and the order."""
        super().hideEvent(event)
        self._end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Refuse a keyboard's digits."""
        if event.text().isdigit():
            self.keyboard_refused.emit()
            return
        super().keyPressEvent(event)

    def _begin(self) -> None:
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

    def _pressed(self, place: int) -> None:
        if self._order:
            self._digits.press(self._order[place])
            self._show()

    def _take_back(self) -> None:
        self._digits.take_back()
        self._show()

    def _cancel_entry(self) -> None:
        self._begin()
        self.cancelled.emit()

    def _hand_over(self) -> None:
        given, self._digits = self._digits, PinDigits()
        self._begin()
        self.entered.emit(given)


def _draw_digit(painter: QPainter, area: QRect, palette: QPalette, digit: int) -> None:
    painter.setPen(palette.color(QPalette.ColorRole.ButtonText))
    font = painter.font()
    font.setPixelSize(round(painter.fontInfo().pixelSize() * _LARGER))
    painter.setFont(font)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(digit))
