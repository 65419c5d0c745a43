"""核对: what was and what will be, line by line, before anything is accepted."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.views import ReviewLine, ReviewView
from ui.clerk.second_person import SecondPersonCard
from ui.clerk.visit_panel import Step, VisitPanel
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.banner import Banner
from ui.widgets.card_frame import CardFrame
from ui.widgets.data_table import Cell, data_table, fill
from ui.widgets.masked_label import masked
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.words import word


class ReviewScreen(QWidget):
    """Shows one review; confirming hands back the digest of exactly these lines."""

    confirmed = Signal(str)
    """The digest that was shown."""
    signed = Signal(str, str, str)
    """The digest that was shown, and the staff number and password of a second person who signs it."""
    retry_wanted = Signal()

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._view: ReviewView | None = None
        self._revealed = False
        self._step = ""
        self._waited = QElapsedTimer()
        self._seconds = QTimer(self, interval=1000)
        self._seconds.timeout.connect(self._show_progress)
        self._title = word("", Type.TITLE, wrap=True)
        self._notice = Banner(Tone.WARN)
        self._message = MessageLine()
        headers = tuple(texts(f"ui.review.{name}") for name in ("item", "old", "new", "change"))
        self._table = data_table(texts("ui.review.table"), headers, stretch=2)
        card = CardFrame(texts("ui.review.check"))
        card.add_table(self._table)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 14, 2 * GRID, 14)
        layout.setSpacing(12)
        self.second = SecondPersonCard(texts, sentences)
        self.second.submitted.connect(self._on_typed)
        self.second.changed.connect(self.focus_first)
        for widget in (self._title, self._notice, self._message, card.frame, self.second):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._page = StatePage(scroll_page(content), texts)
        self._page.acted.connect(self.retry_wanted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self.steps = VisitPanel(texts, Step.REVIEW)
        self.steps.acted.connect(self.confirm)
        self.panel: QWidget = self.steps

    def set_review(self, view: ReviewView) -> None:
        """Show a review."""
        self._view = view
        self._message.clear()
        self.set_submitting(False)
        self.second.clear()
        self.second.setVisible(view.shown is not None)
        self._page.show_content()
        self._title.setText(f"{view.service.code}  {view.service.title}")
        self._notice.show_text(view.offline_notice or "", Tone.WARN)
        self.steps.set_action(view.service.title, self._texts("ui.review.about"), self._texts("ui.review.confirm"))
        self._fill()

    def confirm(self) -> None:
        """Hand back the digest, once; where a second person has to sign it first, go to where that is done."""
        if self._view is None or not self.steps.button.isEnabled():
            return
        if self._unsigned:
            self._message.show_sentence(self._sentences.code("SECOND-PERSON-NEEDED"))
            self.second.focus_first()
            return
        self.set_submitting(True)
        self.confirmed.emit(self._view.digest)

    @property
    def digest(self) -> str:
        """Return the digest of what is shown; empty where nothing is."""
        return "" if self._view is None else self._view.digest

    @property
    def _unsigned(self) -> bool:
        return self._view is not None and self._view.shown is not None and self.second.approval is None

    def _on_typed(self, staff_no: str, password: str) -> None:
        if self._view is not None:
            self._message.clear()
            self.second.set_busy(True)
            self.signed.emit(self._view.digest, staff_no, password)

    def set_submitting(self, submitting: bool) -> None:
        """Say that the command is under way; no second one is sent."""
        self.steps.set_busy(submitting)
        if submitting:
            self._step = ""
            self._waited.start()
            self._seconds.start()
            self._message.show_text(self._texts("ui.review.submitting"))
        else:
            self._seconds.stop()

    def set_step(self, step: str) -> None:
        """Say which step in the world is under way; told once a second how long it has taken by then."""
        self._step = step
        if self._seconds.isActive():
            self._show_progress()

    def set_refused(self, refusal: Refusal) -> None:
        """Say why it was not accepted; the review stays."""
        self.set_submitting(False)
        self._message.show_sentence(self._sentences.of(refusal))

    def set_holder(self, name: str, number: str) -> None:
        """Say at the right for whom this is."""
        self.steps.set_holder(name, number)

    def forget(self) -> None:
        """Show nothing of anybody any more."""
        self._view = None
        self.second.clear()
        fill(self._table, ())
        self.steps.set_holder("", "")
        self.steps.clear_action()

    def set_revealed(self, revealed: bool) -> None:
        """Show numbers in clear while their key is held."""
        self._revealed = revealed
        self.steps.number.set_revealed(revealed)
        self._fill()

    def set_loading(self) -> None:
        """Say that the review is being made."""
        self.steps.clear_action()
        self._page.show_busy(self._texts("ui.review.loading"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is no review."""
        self.steps.clear_action()
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.review.to_form"))

    def focus_first(self) -> None:
        """Put the focus where a second person types, if one has to sign; else on the confirmation."""
        if self._unsigned:
            self.second.focus_first()
        else:
            self.steps.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_progress(self) -> None:
        seconds = round(self._waited.elapsed() / 1000)
        texts = self._texts
        doing = texts("ui.review.step", step=self._step) if self._step else texts("ui.review.submitting")
        self._message.show_text(f"{doing} {texts('ui.busy.elapsed', seconds=seconds)}" if seconds else doing)

    def _fill(self) -> None:
        if self._view is not None:
            fill(self._table, [self._cells(line) for line in self._view.lines])

    def _cells(self, line: ReviewLine) -> tuple[Cell, ...]:
        old, new = ((text if self._revealed else masked(line.key, text)) for text in (line.old, line.new))
        changed = line.old != line.new
        state = (
            Cell(self._texts("ui.review.changed"), Tone.INFO)
            if changed
            else Cell(self._texts("ui.review.same"), Tone.OFF)
        )
        return Cell(line.label), Cell(old), Cell(new, strong=changed), state
