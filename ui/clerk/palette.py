"""Ctrl+K: a service by its code, its name or the initials of its pinyin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.services.views import PossibleService
from ui.a11y.names import give_name
from ui.theme.tokens import GRID, Type
from ui.widgets.labelled import labelled
from ui.widgets.message_line import MessageLine
from ui.widgets.words import word

_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def matches(service: PossibleService, typed: str) -> bool:
    """Tell whether what was typed begins the code or the initials, or stands in the name."""
    sought = typed.strip().casefold()
    return service.code.startswith(sought) or service.pinyin.startswith(sought) or sought in service.title.casefold()


class PalettePanel(QFrame):
    """A line to type in and the services that match; Enter opens, a refused one says why."""

    chosen = Signal(str)
    """The code of a service that may start."""
    closed = Signal()

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._services: tuple[PossibleService, ...] = ()
        self._typed = QLineEdit()
        self._typed.textChanged.connect(self._filter)
        self._typed.returnPressed.connect(self.open_chosen)
        self._typed.installEventFilter(self)
        self._list = QListWidget()
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTabKeyNavigation(False)
        self._list.itemActivated.connect(lambda _item: self.open_chosen())
        give_name(self._list, texts("ui.palette.list"))
        self._message = MessageLine(narrow=True)
        self._nothing = word(texts("ui.palette.nothing"), muted=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(word(texts("ui.palette.title"), Type.HEADING, wrap=True))
        field = labelled(self._typed, texts("ui.palette.type"), wide=True)
        layout.addWidget(field.frame)
        layout.addWidget(self._message)
        layout.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._list, 1)
        self._filter("")

    def set_services(self, services: tuple[PossibleService, ...]) -> None:
        """Offer services; nothing is typed yet."""
        self._services = services
        self._typed.clear()
        self._filter("")

    def type(self, text: str) -> None:
        """Type a text."""
        self._typed.setText(text)

    def shown(self) -> tuple[str, ...]:
        """Return the codes that match."""
        return tuple(str(self._list.item(row).data(Qt.ItemDataRole.UserRole)) for row in range(self._list.count()))

    def open_chosen(self) -> None:
        """Choose the marked service, or say why it cannot start."""
        item = self._list.currentItem()
        service = next((each for each in self._services if item and each.code == self._code(item)), None)
        if service is None:
            return
        if service.refusal is None:
            self.chosen.emit(service.code)
        else:
            self._message.show_sentence(self._sentences.of(service.refusal))

    def focus_first(self) -> None:
        """Put the focus into the line."""
        self._typed.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list with the arrows while typing."""
        if watched is self._typed and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self._list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
        return super().eventFilter(watched, event)

    def _code(self, item: QListWidgetItem) -> str:
        return str(item.data(Qt.ItemDataRole.UserRole))

    def _filter(self, typed: str) -> None:
        self._message.clear()
        self._list.clear()
        for service in self._services:
            if matches(service, typed):
                item = QListWidgetItem(self._words(service))
                item.setData(Qt.ItemDataRole.UserRole, service.code)
                self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._nothing.setVisible(self._list.count() == 0)
        self._list.setVisible(self._list.count() > 0)

    def _words(self, service: PossibleService) -> str:
        first = f"{service.code}  {service.title}"
        if service.refusal is None:
            return f"{first}\n{self._texts('ui.palette.possible')}"
        return f"{first}\n{self._texts('ui.palette.refused', reason=self._sentences.of(service.refusal).text)}"
