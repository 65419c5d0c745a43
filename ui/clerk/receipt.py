"""回执: the bytes that will be printed, the printer's state, and what became of the business."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.views import Acceptance, ReceiptView
from hardware.ports import PrintOutcome
from ui.clerk.visit_panel import Step, VisitPanel
from ui.theme.tokens import GRID, Tone, Type
from ui.tone_table import ToneTable
from ui.widgets.banner import Banner
from ui.widgets.flow import FlowLayout
from ui.widgets.message_line import MessageLine
from ui.widgets.receipt_view import PageImage, ReceiptPages
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import word


class ReceiptScreen(QWidget):
    """Previews one receipt; Enter and F8 print it, and once it is paper Enter goes on to the next person."""

    print_wanted = Signal(str)
    """The print job's id."""
    finish_wanted = Signal()
    """The paper is with the holder; the visit may end."""
    retry_wanted = Signal()

    def __init__(self, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._tones = tones
        self._job_id = ""
        self._copies_made = 0
        self._printing = False
        self._title = word("", Type.TITLE, wrap=True)
        self._acceptance = word("", muted=True)
        self._delivery = StatusChip("", Tone.INFO)
        self._printer = StatusChip("", Tone.INFO)
        self._copies = word("", muted=True)
        self._notice = Banner(Tone.WARN)
        self._message = MessageLine()
        self.pages = ReceiptPages(texts)
        facts = FlowLayout(gap=12)
        for widget in (self._acceptance, self._delivery, self._printer, self._copies):
            facts.addWidget(widget)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        head = FlowLayout(gap=GRID)
        head.addWidget(self._title)
        head.right_from_here()
        for widget in self.pages.tools:
            head.addWidget(widget)
        layout.addLayout(head)
        layout.addLayout(facts)
        layout.addWidget(self._notice)
        layout.addWidget(self._message)
        layout.addWidget(self.pages, 1)
        self._page = StatePage(scroll_page(content), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self.steps = VisitPanel(texts, Step.RECEIPT)
        self.steps.acted.connect(self.go_on)
        self.panel: QWidget = self.steps

    def set_acceptance(self, acceptance: Acceptance) -> None:
        """Show the acceptance number and what the province said so far."""
        self._acceptance.setText(self._texts("ui.receipt.acceptance", number=acceptance.acceptance_no))
        tone = self._tones.of("delivery", acceptance.state)
        self._delivery.set_status(self._texts(f"ui.delivery.{acceptance.state}"), tone)
        reason = acceptance.reason
        self._notice.show_text(self._sentences.code(reason).text if reason else "", Tone.WARN)

    def set_receipt(self, view: ReceiptView, pages: Sequence[PageImage]) -> None:
        """Show the pages of a receipt, rendered from the bytes that will be printed."""
        self._job_id = view.job_id
        self._page.show_content()
        self._title.setText(view.title)
        self.pages.set_pages(view.title, pages)
        self.set_print_state(view.state, view.copies)

    def set_print_state(self, state: PrintOutcome | None, copies: int) -> None:
        """Say what the spooler said; no paper keeps the job and says so."""
        key = str(state) if state is not None else "none"
        self._printing, self._copies_made = False, copies
        self._printer.set_status(self._texts(f"ui.print.{key}"), self._tones.of("print", key))
        self._copies.setText(self._texts("ui.receipt.copies", count=copies) if copies else "")
        self._copies.setVisible(bool(copies))
        self.steps.set_busy(False)
        what = "printed" if copies else "print"
        self.steps.set_action(*(self._texts(f"ui.receipt.{what}{part}") for part in ("_title", "_about", "_button")))

    @property
    def printing(self) -> bool:
        """Tell whether a copy is on its way to the spooler."""
        return self._printing

    def go_on(self) -> None:
        """Print the first copy, or end the visit when there is one; F8 prints another."""
        if self._copies_made and not self._printing:
            self.finish_wanted.emit()
        else:
            self.print()

    def print(self) -> None:
        """Ask for one copy, once."""
        if self._job_id and not self._printing:
            self._printing = True
            self.steps.set_busy(True)
            self._printer.set_status(self._texts("ui.print.sending"), Tone.INFO)
            self.print_wanted.emit(self._job_id)

    def set_holder(self, name: str, number: str) -> None:
        """Say at the right for whom this is."""
        self.steps.set_holder(name, number)

    def set_revealed(self, revealed: bool) -> None:
        """Show the number in clear while its key is held."""
        self.steps.number.set_revealed(revealed)

    def set_message(self, refusal: Refusal | None) -> None:
        """Say what went wrong with the printing; the receipt stays."""
        if refusal is None:
            self._message.clear()
        else:
            self._message.show_sentence(self._sentences.of(refusal), Tone.WARN)

    def forget(self) -> None:
        """Show nothing of anybody any more."""
        self._job_id, self._copies_made, self._printing = "", 0, False
        self._acceptance.setText("")
        self.steps.set_holder("", "")
        self.pages.set_pages("", ())
        self.set_message(None)
        self.set_empty()

    def set_loading(self) -> None:
        """Say that the receipt is being rendered."""
        self.steps.clear_action()
        self._page.show_busy(self._texts("ui.receipt.loading"))

    def set_empty(self) -> None:
        """Say that there is nothing to print."""
        texts = self._texts
        self.steps.clear_action()
        self._page.show_empty(texts("ui.state.empty"), texts("ui.receipt.empty"), texts("ui.receipt.empty_remedy"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is no receipt; the business stands."""
        self.steps.clear_action()
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.receipt.again"))

    def focus_first(self) -> None:
        """Put the focus on printing, so that Enter prints."""
        self.steps.button.setFocus(Qt.FocusReason.OtherFocusReason)
