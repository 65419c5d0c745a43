"""The sync centre at work: what waits, what went wrong, and what a person does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from ui.bridge import Bridge
from ui.clerk.sync_centre import SyncCentreScreen
from ui.tone_table import ToneTable

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow

ROWS = 100
"""How many rows the table shows; its card says how many there are. More would hold up the window at every answer."""


class SyncDesk:
    """Opens and refreshes the sync centre."""

    def __init__(self, flow: ClerkFlow, bridge: Bridge, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        self._flow = flow
        self._bridge = bridge
        self.screen = SyncCentreScreen(texts, sentences, tones)
        self.screen.retry_wanted.connect(self._retry)
        self.screen.task_closed.connect(self._close_task)

    def open(self) -> None:
        """Show the sync centre."""
        self.screen.set_loading()
        self._flow.window.show_screen("sync_centre", self.screen, self.screen.panel)
        self.reload()
        self.screen.focus_first()

    def reload(self) -> None:
        """Read the rows again."""
        counter = self._flow.counter
        self._bridge.run_aside(
            lambda: (counter.outbox(ROWS), counter.tasks(), counter.outbox_count()),
            lambda found: self.screen.set_rows(*found),
        )

    def _retry(self) -> None:
        self._bridge.run_aside(self._flow.counter.send_now, lambda _none: self.reload())

    def _close_task(self, op_id: str) -> None:
        def closed(refusal: Refusal | None) -> None:
            self._flow.say(refusal)
            self._flow.refresh_summary()
            self.reload()

        self._bridge.run_aside(lambda: self._flow.counter.desk.close_task(op_id), closed)
