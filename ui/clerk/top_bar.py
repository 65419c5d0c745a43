"""The bar at the top: hall, window, province, what waits, who works, the time."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from app.catalogue.texts import Texts
from ui.clerk.phrases import lasting
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.flow import FlowLayout
from ui.widgets.status_chip import StatusChip
from ui.widgets.words import word


class TopBar(QFrame):
    """Shows facts of the window; asks for nothing."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.setProperty("surface", "head")
        self._hall = word("", muted=True)
        self._window = word("")
        self._window.setProperty("chip", "true")
        self._training = StatusChip(texts("ui.window.training"), Tone.WARN)
        self._province = StatusChip("", Tone.OK)
        self._pending = word("", muted=True)
        self._limit = StatusChip("", Tone.WARN)
        self._who = word("", muted=True)
        self._clock = word("", muted=True)
        layout = FlowLayout(self, gap=2 * GRID)
        layout.setContentsMargins(2 * GRID, 8, 2 * GRID, 8)
        title = word(texts("ui.window.title"), Type.HEADING)
        for widget in (title, self._hall, self._window, self._training):
            layout.addWidget(widget)
        layout.right_from_here()
        for widget in (self._province, self._pending, self._limit, self._who, self._clock):
            layout.addWidget(widget)
        for unknown in (self._training, self._province, self._limit, self._who):
            unknown.hide()

    def set_hall(self, hall: str, window: str) -> None:
        """Show the hall and the window's number."""
        self._hall.setText(hall)
        self._window.setText(self._texts("ui.window.number", window=window))
        self._window.setVisible(bool(window))

    def set_training(self, training: bool) -> None:
        """Mark everything as fictional."""
        self._training.setVisible(training)

    def set_actor(self, name: str, role: str, staff_no: str) -> None:
        """Show who works; empty for nobody."""
        self._who.setText(self._texts("ui.window.who", name=name, role=role, staff_no=staff_no))
        self._who.setVisible(bool(name))

    def set_clock(self, text: str) -> None:
        """Show the time."""
        self._clock.setText(text)

    def set_province(self, online: bool) -> None:
        """Say whether the province is there."""
        key, tone = ("ui.window.online", Tone.OK) if online else ("ui.window.offline", Tone.WARN)
        self._province.set_status(self._texts(key), tone)
        self._province.show()

    def set_outbox(self, pending: int, oldest_age_s: float) -> None:
        """Say how much waits and how long the oldest does."""
        age = self._texts("ui.window.oldest", time=lasting(self._texts, oldest_age_s)) if pending else ""
        self._pending.setText(self._texts("ui.window.pending", count=pending) + age)

    def set_limit(self, text: str, tone: Tone) -> None:
        """Say which limit of work without the province is near; empty for none."""
        self._limit.set_status(text, tone)
        self._limit.setVisible(bool(text))
