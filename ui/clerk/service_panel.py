"""The right side of a profile: what to do next, what else can be done, and what cannot and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.services.views import PossibleService, VisitView
from ui.theme.tokens import FOCUS_WIDTH, GRID, Type
from ui.widgets.act_button import ActButton
from ui.widgets.code_button import CodeButton
from ui.widgets.words import clear, column, row, surface, word

ROW_INSET = FOCUS_WIDTH + 6
"""From the edge of a row to its words, in px: the focus ring, and the style's padding."""


class ServicePanel(QFrame):
    """Lists services by code; the suggested one has the focus."""

    chosen = Signal(str)
    """The code of a service that may start."""

    def __init__(self, texts: Texts, sentences: Sentences) -> None:
        super().__init__()
        self._texts = texts
        self._sentences = sentences
        self._suggested_code = ""
        self._title = word("", Type.HEADING, wrap=True)
        self._about = word("", Type.SMALL, muted=True, wrap=True)
        self._start = ActButton(texts("ui.profile.start"))
        self._start.clicked.connect(self.start_suggested)
        head = word(texts("ui.profile.suggested"), Type.SMALL, muted=True)
        box = column(head, self._title, self._about, gap=4, margins=(14, 12, 14, 14))
        box.addSpacing(4)
        box.addWidget(self._start)
        self._suggested = surface("suggested", box)
        self._later = word(texts("ui.profile.services_later"), muted=True, wrap=True)
        self._possible = column(gap=0)
        self._refused = column(gap=0)
        self._possible_title = word(texts("ui.profile.possible"), Type.SMALL, muted=True, strong=True)
        self._refused_title = word(texts("ui.profile.refused"), Type.SMALL, muted=True, strong=True)
        for title in (self._possible_title, self._refused_title):
            title.setIndent(ROW_INSET)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._later)
        layout.addWidget(self._suggested)
        layout.addSpacing(4)
        layout.addWidget(self._possible_title)
        layout.addLayout(self._possible)
        layout.addSpacing(4)
        layout.addWidget(self._refused_title)
        layout.addLayout(self._refused)
        layout.addStretch(1)
        self._hint = word(texts("ui.profile.palette_hint"), Type.SMALL, muted=True, wrap=True)
        layout.addWidget(self._hint)
        self.set_services((), None)

    def set_visit(self, visit: VisitView) -> None:
        """Show a visit's services."""
        self.set_services(visit.services, visit.suggested)

    def set_services(self, services: tuple[PossibleService, ...], suggested: str | None) -> None:
        """Show services, the suggested one first; the focus stays with its service."""
        focused = self._focused_code()
        first = next((item for item in services if item.code == suggested and item.refusal is None), None)
        self._suggested_code = first.code if first else ""
        self._later.setVisible(not services)
        self._hint.setVisible(bool(services))
        self._suggested.setVisible(first is not None)
        if first is not None:
            self._title.setText(first.title)
            self._about.setText(self._texts("ui.profile.suggested_about", code=first.code))
        possible = [item for item in services if item.refusal is None and item is not first]
        refused = [item for item in services if item.refusal is not None]
        clear(self._possible)
        for item in possible:
            button = CodeButton(item.code, item.title, row=True)
            button.clicked.connect(lambda _checked=False, code=item.code: self.chosen.emit(code))
            self._possible.addWidget(button)
            # Its layout would show it too late to take the focus.
            button.show()
        clear(self._refused)
        for item in refused:
            self._refused.addWidget(self._why_not(item))
        self._possible_title.setVisible(bool(possible))
        self._refused_title.setVisible(bool(refused))
        if focused is not None:
            self._focus(focused)

    def _focused_code(self) -> str | None:
        """Return the code of the service that has the focus, or None when the focus is elsewhere."""
        focus = QApplication.focusWidget()
        if focus is None or not self.isAncestorOf(focus):
            return None
        return focus.code if isinstance(focus, CodeButton) else self._suggested_code

    def start_suggested(self) -> None:
        """Choose the suggested service; where there is none, go to what may be chosen."""
        if self._suggested_code:
            self.chosen.emit(self._suggested_code)
        else:
            self.focus_first()

    def focus_first(self) -> None:
        """Put the focus on the suggested service, or on the first that may be done."""
        self._focus(self._suggested_code)

    def _focus(self, code: str) -> None:
        items = (self._possible.itemAt(index) for index in range(self._possible.count()))
        rows = [widget for item in items if item is not None and isinstance(widget := item.widget(), CodeButton)]
        same = [row for row in rows if row.code == code]
        target = same[0] if same else self._start if self._suggested_code or not rows else rows[0]
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _why_not(self, service: PossibleService) -> QWidget:
        code = word(service.code, muted=True, strong=True)
        code.setAlignment(Qt.AlignmentFlag.AlignTop)
        code.setMinimumWidth(code.fontMetrics().horizontalAdvance("00000"))
        reason = self._sentences.of(service.refusal).text if service.refusal else ""
        words = column(word(service.title, muted=True), word(reason, Type.SMALL, muted=True, wrap=True), gap=1)
        line = row(code, gap=0, margins=(ROW_INSET, 6, 0, 7))
        line.addLayout(words, 1)
        return surface("row", line)
