"""两人核实: what two persons decide together, line by line; the second one signs, the first one does it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.views import ReviewLine
from ui.clerk.second_person import SecondPersonCard
from ui.theme.tokens import GRID, Type
from ui.widgets.act_button import ActButton
from ui.widgets.card_frame import CardFrame
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.masked_label import masked
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.words import column, surface, word


class SettleScreen(QWidget):
    """Shows one settlement by two."""

    signed = Signal(str, str)
    """Staff number and password of the second person."""
    confirmed = Signal()
    retry_wanted = Signal()

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._lines: tuple[ReviewLine, ...] = ()
        self._revealed = False
        self._message = MessageLine()
        headers = tuple(texts(f"ui.settle.{name}") for name in ("item", "old", "new"))
        self.table = data_table(texts("ui.settle.table"), headers, stretch=2)
        card = CardFrame(texts("ui.settle.check"))
        card.add_table(self.table)
        self.second = SecondPersonCard(texts, sentences)
        self.second.submitted.connect(self._on_typed)
        self.second.changed.connect(self._on_signature)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        for widget in (word(texts("ui.settle.title"), Type.TITLE), self._message, card.frame, self.second):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._page = StatePage(scroll_page(content), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self.button = ActButton(texts("ui.settle.confirm"))
        self.button.clicked.connect(self.confirm)
        about = word(texts("ui.settle.about"), Type.SMALL, muted=True, wrap=True)
        box = column(word(texts("ui.settle.title"), Type.HEADING, wrap=True), about, gap=4, margins=(14, 12, 14, 14))
        box.addSpacing(4)
        box.addWidget(self.button)
        side = column(surface("suggested", box))
        side.addStretch(1)
        self.panel: QWidget = QWidget()
        self.panel.setLayout(side)

    def set_lines(self, lines: tuple[ReviewLine, ...]) -> None:
        """Show what is to be decided; nobody has signed it yet."""
        self._lines = lines
        self._message.clear()
        self.second.clear()
        self.button.setEnabled(True)
        self._page.show_content()
        self._fill()

    def set_loading(self) -> None:
        """Say that it is being read."""
        self.forget()
        self._page.show_busy(self._texts("ui.settle.loading"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is nothing to decide."""
        self.forget()
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.settle.to_list"))

    def set_refused(self, refusal: Refusal) -> None:
        """Say why it was not done; what was signed for it has to be signed anew."""
        self.button.setEnabled(True)
        self.second.clear()
        self._message.show_sentence(self._sentences.of(refusal))
        self.second.focus_first()

    def confirm(self) -> None:
        """Do it, once, if it is signed; else go to where it is."""
        if not self.button.isEnabled():
            return
        if self.second.approval is None:
            self._message.show_sentence(self._sentences.of(Refusal("SECOND-PERSON-NEEDED")))
            self.second.focus_first()
            return
        self.button.setEnabled(False)
        self._message.show_text(self._texts("ui.settle.settling"))
        self.confirmed.emit()

    def forget(self) -> None:
        """Show nothing of anybody any more."""
        self._lines = ()
        self.button.setEnabled(False)
        fill(self.table, ())
        self.second.clear()
        self._message.clear()

    def set_revealed(self, revealed: bool) -> None:
        """Show numbers in clear while their key is held."""
        self._revealed = revealed
        self._fill()

    def focus_first(self) -> None:
        """Put the focus where the second person types, or on the button once that is done."""
        if self.second.approval is None:
            self.second.focus_first()
        else:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_typed(self, staff_no: str, password: str) -> None:
        self._message.clear()
        self.second.set_busy(True)
        self.signed.emit(staff_no, password)

    def _on_signature(self) -> None:
        self.focus_first()

    def _fill(self) -> None:
        fill(self.table, [self._cells(line) for line in self._lines])

    def _cells(self, line: ReviewLine) -> tuple[Cell, ...]:
        old, new = ((text if self._revealed else masked(line.key, text)) for text in (line.old, line.new))
        changed = line.old != line.new
        return Cell(line.label), Cell(old), Cell(new if changed else "", strong=changed)
