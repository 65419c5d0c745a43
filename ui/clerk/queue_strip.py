"""The strip at the left: who is at the window, how many wait, who comes next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.catalogue.texts import Texts
from app.services.views import QueueView, TicketView
from ui.clerk.phrases import known, lasting
from ui.theme.apply import set_style
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import clear, column, row, surface, word


class QueueStrip(QFrame):
    """Shows one queue view; asks for nothing."""

    def __init__(self, texts: Texts, groups: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._texts = texts
        self._groups = dict(groups)
        self.setProperty("surface", "side-left")
        self._state = word("", Type.SMALL)
        self._number = word("", Type.NUMBER)
        self._about = word("", Type.SMALL, wrap=True)
        self._current = surface("idle", column(self._state, self._number, self._about, gap=2, margins=(14, 12, 14, 12)))
        self._counts = column(gap=4)
        self._next = column(gap=0)
        self._done = word("", Type.SMALL, muted=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(GRID)
        layout.addWidget(self._current)
        layout.addSpacing(GRID)
        layout.addWidget(word(texts("ui.queue.waiting"), Type.SMALL, muted=True, strong=True))
        layout.addLayout(self._counts)
        layout.addSpacing(GRID)
        self._next_title = word(texts("ui.queue.next"), Type.SMALL, muted=True, strong=True)
        layout.addWidget(self._next_title)
        layout.addLayout(self._next)
        layout.addStretch(1)
        layout.addWidget(self._done)
        self.set_queue(QueueView(None, (), (), 0))

    def set_queue(self, view: QueueView) -> None:
        """Show another state of the queue."""
        self._show_current(view.current, waiting=bool(view.next_tickets))
        clear(self._counts)
        for letter, waiting in view.counts:
            self._counts.addWidget(self._count(letter, waiting))
        if not view.counts:
            self._counts.addWidget(word(self._texts("ui.queue.unknown"), muted=True, wrap=True))
        clear(self._next)
        for ticket in view.next_tickets:
            self._next.addWidget(self._coming(ticket))
        if not view.next_tickets:
            self._next.addWidget(word(self._texts("ui.queue.nobody"), muted=True, wrap=True))
        self._done.setText(self._texts("ui.queue.done_today", count=view.done_today))

    def _show_current(self, ticket: TicketView | None, *, waiting: bool) -> None:
        texts = self._texts
        if ticket is None:
            self._state.setText(texts("ui.queue.window"))
            self._number.setText(texts("ui.queue.free"))
            self._about.setText(texts("ui.queue.call_hint" if waiting else "ui.queue.nobody"))
        else:
            self._state.setText(known(texts, "ui.ticket_state", ticket.state))
            self._number.setText(ticket.number)
            self._about.setText(" · ".join(part for part in (ticket.masked_name, self._of(ticket)) if part))
        set_style(self._current, surface="idle" if ticket is None else "current")

    def _of(self, ticket: TicketView) -> str:
        return self._groups.get(ticket.group, ticket.group)

    def _count(self, letter: str, waiting: int) -> QWidget:
        tag = QLabel(letter)
        tag.setProperty("tag", "true")
        tag.setProperty("type", str(Type.SMALL))
        tag.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tag.setMinimumWidth(tag.fontMetrics().horizontalAdvance("0000"))
        name = word(self._groups.get(letter, letter), wrap=True)
        line = row(tag, gap=GRID)
        line.setAlignment(tag, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(name, 1)
        line.addWidget(word(str(waiting), strong=True))
        return _line("plain", line)

    def _coming(self, ticket: TicketView) -> QWidget:
        line = row(word(ticket.number, strong=True), gap=GRID, margins=(0, 5, 0, 5))
        line.addStretch(1)
        if ticket.priority:
            line.addWidget(StatusChip(self._texts("ui.queue.priority"), Tone.INFO))
        else:
            line.addWidget(word(self._texts("ui.queue.waits", time=lasting(self._texts, ticket.waiting_s)), muted=True))
        return _line("row", line)


def _line(kind: str, layout: QHBoxLayout) -> QWidget:
    return surface(kind, layout)
