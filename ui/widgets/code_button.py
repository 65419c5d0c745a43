"""A button that says a code or key first, then what it does: the key bar and the lists of services."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter

from ui.theme.apply import colours_in_use
from ui.widgets.act_button import draw_inner_ring


class CodeButton(QPushButton):
    """Draws its code bold and blue before its words; its name is both."""

    def __init__(self, code: str, text: str, *, row: bool = False, act: bool = False) -> None:
        super().__init__(f"{code} {text}")
        self._code = code
        self._words = text
        self._row = row
        self._act = act
        self.setAutoDefault(True)
        self.setProperty("row", "true" if row else "")
        self.setProperty("act", "true" if act else "")
        self.setProperty("key", "" if row else "true")

    @property
    def code(self) -> str:
        """Return the code or key shown first."""
        return self._code

    def sizeHint(self) -> QSize:
        """Return room for the bold code, the gap and the words."""
        hint = super().sizeHint()
        plain = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(hint.width() - plain + self._code_room() + self._words_room(), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Never clip the words."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the code and the words."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        area = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        if not self._row:
            spare = area.width() - self._code_room() - self._words_room()
            area = area.adjusted(max(spare // 2, 0), 0, 0, 0)
        painter.setPen(self._code_colour())
        painter.setFont(self._bold())
        self._draw(painter, area, self._code)
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.setFont(self.font())
        self._draw(painter, area.adjusted(self._code_room(), 0, 0, 0), self._words)
        if self._act and self.hasFocus():
            draw_inner_ring(painter, self.rect())
        painter.end()

    def _draw(self, painter: QPainter, area: QRect, text: str) -> None:
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _code_colour(self) -> QColor:
        if self._act or not self.isEnabled():
            return self.palette().color(QPalette.ColorRole.ButtonText)
        colours = colours_in_use()
        return QColor(colours.act.ground)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _code_room(self) -> int:
        metrics = QFontMetrics(self._bold())
        gap = metrics.horizontalAdvance("0")
        return max(metrics.horizontalAdvance(self._code) + gap, gap * 5 if self._row else 0)

    def _words_room(self) -> int:
        return QFontMetrics(self._bold() if self._act else self.font()).horizontalAdvance(self._words) + 2
