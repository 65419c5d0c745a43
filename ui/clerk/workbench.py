"""工作台: between two people, what comes next and which key brings it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from app.services.views import QueueView
from ui.clerk.phrases import lasting
from ui.key_table import Action
from ui.theme.apply import scale_in_use
from ui.theme.tokens import GRID, Type
from ui.widgets.act_button import ActButton, plain_button
from ui.widgets.card_frame import CardFrame
from ui.widgets.flow import AdaptiveGrid
from ui.widgets.scroll_page import scroll_page
from ui.widgets.state_page import StatePage
from ui.widgets.words import clear, column, surface, word


class WorkbenchScreen(QWidget):
    """The next number with its button, and the other ways to begin a visit."""

    acted = Signal(str)
    """An `Action` was chosen."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._whose = word("", Type.SMALL, muted=True)
        self._next_number = word("", Type.NUMBER)
        self._next_about = word("", wrap=True)
        self._action = Action.CALL_NEXT
        self._act = ActButton(texts("ui.workbench.call"))
        self._act.setMinimumWidth(round(200 * scale_in_use()))
        self._act.clicked.connect(lambda: self.acted.emit(str(self._action)))
        self._page = StatePage(scroll_page(self._content()), texts)
        self._page.acted.connect(lambda: self.acted.emit(str(Action.REFRESH)))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self._notices = column(gap=GRID)
        notices = CardFrame(texts("ui.workbench.notices"))
        notices.body.addLayout(self._notices)
        panel = column(notices.frame)
        panel.addStretch(1)
        self.panel: QWidget = surface("plain", panel)
        self.set_notices(())

    def _content(self) -> QWidget:
        texts = self._texts
        box = column(
            self._whose,
            self._next_number,
            self._next_about,
            gap=4,
            margins=(16, 14, 16, 16),
        )
        box.addSpacing(GRID)
        box.addWidget(self._act, 0, Qt.AlignmentFlag.AlignLeft)
        suggested = surface("suggested", box)
        ways = AdaptiveGrid(round(240 * scale_in_use()), 2)
        for action in (Action.READ_CARD, Action.ISSUE_NUMBER, Action.READ_ID):
            card = CardFrame(texts(f"ui.workbench.{action}"))
            card.body.addWidget(word(texts(f"ui.workbench.{action}_about"), muted=True, wrap=True))
            card.body.addStretch(1)
            button = plain_button(texts(f"ui.workbench.{action}_button"))
            button.clicked.connect(lambda _checked=False, chosen=str(action): self.acted.emit(chosen))
            card.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            ways.addWidget(card.frame)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, 2 * GRID - 2, 2 * GRID, 2 * GRID - 2)
        layout.setSpacing(12)
        layout.addWidget(suggested)
        layout.addLayout(ways)
        layout.addStretch(1)
        return content

    def set_queue(self, view: QueueView) -> None:
        """Show who is at the window or comes next, and the one thing to do: read a card, or call."""
        self._page.show_content()
        texts, coming = self._texts, view.next_tickets[0] if view.next_tickets else None
        self._action = Action.CALL_NEXT if coming and not view.current else Action.READ_CARD
        self._whose.setText(texts("ui.workbench.at_window" if view.current else "ui.workbench.next"))
        if view.current:
            self._next_number.setText(view.current.number)
            self._next_about.setText(texts("ui.workbench.at_window_about"))
        elif coming:
            self._next_number.setText(coming.number)
            self._next_about.setText(texts("ui.workbench.waited", time=lasting(texts, coming.waiting_s)))
        else:
            self._next_number.setText(texts("ui.workbench.nobody"))
            self._next_about.setText(texts("ui.workbench.nobody_about"))
        called = self._action is Action.CALL_NEXT
        self._act.setText(texts("ui.workbench.call" if called else "ui.workbench.read_card_button"))

    def set_notices(self, notices: tuple[str, ...]) -> None:
        """Show what the hall wants known."""
        clear(self._notices)
        for notice in notices or (self._texts("ui.workbench.no_notices"),):
            self._notices.addWidget(word(notice, muted=not notices, wrap=True))

    def set_loading(self) -> None:
        """Say that the queue is being fetched."""
        self._page.show_busy(self._texts("ui.workbench.loading"))

    def set_problem(self, refusal: Refusal) -> None:
        """Say why there is no queue."""
        self._page.show_problem(self._sentences.of(refusal), self._texts("ui.workbench.again"))

    def focus_first(self) -> None:
        """Put the focus on the next number."""
        self._act.setFocus(Qt.FocusReason.OtherFocusReason)
