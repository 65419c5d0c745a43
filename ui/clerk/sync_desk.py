"""The sync centre at work: what waits, what went wrong, and what one person or two do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.downlink import DownlinkState
from app.domain.refusal import Refusal
from app.domain.work_limits import Standing
from app.journal.outbox_values import SampleRow
from app.journal.saga_values import Verdict
from ui.bridge import Bridge
from ui.clerk.limit_words import limit_words
from ui.clerk.settle import SettleScreen
from ui.clerk.sync_centre import SyncCentreScreen
from ui.theme.tokens import Tone
from ui.tone_table import ToneTable

if TYPE_CHECKING:
    from app.domain.approval import Approval
    from app.services.counter import Counter
    from app.services.ledger import OutboxPage
    from app.services.sealed_file import Exported
    from app.services.task_desk import SettlementView
    from app.services.views import TaskView
    from ui.clerk.flow import ClerkFlow

T = TypeVar("T")

ROWS = 100
"""How many rows the table shows; its card says how many there are. More would hold up the window at every answer."""
SAMPLES = "sample.view"
SETTLE = "outbox.settle"


@dataclass(frozen=True)
class _Read:
    """What the sync centre shows, as it was read."""

    page: OutboxPage
    tasks: tuple[TaskView, ...]
    samples: tuple[SampleRow, ...]
    changes: DownlinkState
    standing: Standing


class SyncDesk:
    """Opens and refreshes the sync centre, and settles what is on it."""

    def __init__(self, flow: ClerkFlow, bridge: Bridge, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        self._flow = flow
        self._bridge = bridge
        self._view: SettlementView | None = None
        self._refused = False
        self.screen = SyncCentreScreen(texts, sentences, tones)
        self.settle = SettleScreen(texts, sentences)
        self.screen.retry_wanted.connect(self._retry)
        self.screen.task_closed.connect(self._close_task)
        self.screen.two_wanted.connect(self._prepare)
        self.screen.sample_ticked.connect(self._tick)
        self.settle.signed.connect(self._sign)
        self.settle.confirmed.connect(self._settle)
        self.settle.retry_wanted.connect(self.open)
        self.screen.retry_one_wanted.connect(self._retry_one)
        self.screen.export_wanted.connect(self._export)
        self._words = lambda standing: limit_words(texts, sentences, standing)

    def open(self) -> None:
        """Show the sync centre; what was being settled is put away."""
        self._view, self._refused = None, False
        self.settle.forget()
        actor = self._flow.counter.desk.in_hand.actor
        self.screen.set_may_settle(actor is not None and SETTLE in actor.permissions)
        self.screen.set_loading()
        self._flow.window.show_screen("sync_centre", self.screen, self.screen.panel)
        self.reload()
        self.screen.focus_first()

    def show_settlement(self) -> None:
        """Show again what two persons are about to settle."""
        self._flow.window.show_screen("settle", self.settle, self.settle.panel)
        self.settle.focus_first()

    def refresh(self) -> None:
        """Read the rows again after something moved, unless whoever stands here may not see them."""
        if not self._refused:
            self.reload()

    def reload(self) -> None:
        """Read the rows again."""
        counter = self._flow.counter

        def read() -> _Read | Refusal:
            actor = counter.desk.in_hand.actor
            if actor is None:
                return Refusal("NOT-SIGNED-IN")
            page = counter.ledger.outbox(actor, ROWS)
            tasks = page if isinstance(page, Refusal) else counter.ledger.tasks(actor)
            samples = counter.ledger.samples(actor) if SAMPLES in actor.permissions else ()
            if isinstance(page, Refusal) or isinstance(tasks, Refusal) or isinstance(samples, Refusal):
                return next(found for found in (page, tasks, samples) if isinstance(found, Refusal))
            return _Read(page, tasks, samples, counter.downlink(), counter.line.gauge.look())

        self._bridge.run_aside(read, self._show)

    def _show(self, found: _Read | Refusal) -> None:
        self._refused = isinstance(found, Refusal)
        if isinstance(found, Refusal):
            self.screen.set_rows((), ())
            self.screen.set_samples(())
            self.screen.set_problem(found)
            return
        self.screen.set_rows(found.page.rows, found.tasks, found.page.total)
        self.screen.set_samples(found.samples)
        self.screen.set_changes(found.changes, datetime.now(UTC))
        self.screen.set_limits(self._words(found.standing))

    def _retry(self) -> None:
        self._as_actor(lambda counter, actor: counter.outbox_desk.retry_all(actor), self._retried)

    def _retry_one(self, op_id: str) -> None:
        self._as_actor(lambda counter, actor: counter.outbox_desk.retry(op_id, actor), self._retried)

    def _retried(self, refusal: Refusal | None) -> None:
        self._flow.say(refusal)
        self.reload()

    def _export(self) -> None:
        def exported(done: Exported | Refusal) -> None:
            if isinstance(done, Refusal):
                self._flow.say(done)
            elif done.left_out:
                told = Refusal.of("EXPORT-PART", operations=done.operations, file=done.file, left_out=done.left_out)
                self._flow.say(told, Tone.WARN)
            else:
                self._flow.say(Refusal.of("EXPORT-DONE", operations=done.operations, file=done.file), Tone.OK)

        self._as_actor(lambda counter, actor: counter.outbox_desk.export(actor), exported)

    def _as_actor(self, work: Callable[[Counter, Actor], T], done: Callable[[T | Refusal], None]) -> None:
        counter = self._flow.counter
        actor = counter.desk.in_hand.actor
        if actor is None:
            done(Refusal("NOT-SIGNED-IN"))
        else:
            self._bridge.run_aside(lambda: work(counter, actor), done)

    @property
    def _actor(self) -> Actor:
        actor = self._flow.counter.desk.in_hand.actor
        assert actor is not None
        return actor

    def _close_task(self, op_id: str) -> None:
        counter, actor = self._flow.counter, self._actor
        self._bridge.run_aside(lambda: counter.tasks.close(actor, op_id), self._told)

    def _tick(self, sample: object) -> None:
        assert isinstance(sample, SampleRow)
        counter, actor = self._flow.counter, self._actor
        self._bridge.run_aside(lambda: counter.tasks.tick(actor, sample), self._told)

    def _told(self, refusal: Refusal | None) -> None:
        self._flow.say(refusal)
        self._flow.refresh_summary()
        self.reload()

    def _prepare(self, op_id: str, verdict: str) -> None:
        def prepared(found: SettlementView | Refusal) -> None:
            if self._flow.window.screen_id not in ("settle", "lock"):
                return
            if isinstance(found, Refusal):
                self.settle.set_problem(found)
                return
            self._view = found
            self.settle.set_lines(found.lines)
            self.settle.focus_first()

        counter, actor = self._flow.counter, self._actor
        self._flow.say(None)
        self.settle.set_loading()
        self._flow.window.show_screen("settle", self.settle, self.settle.panel)
        self._bridge.run(lambda: counter.tasks.prepare(actor, op_id, Verdict(verdict) if verdict else None), prepared)

    def _sign(self, staff_no: str, password: str) -> None:
        view = self._view
        if view is None:
            return

        def signed(found: Approval | Refusal) -> None:
            if self._view is not view:
                return
            if isinstance(found, Refusal):
                self.settle.second.set_problem(found)
            else:
                self.settle.second.set_approval(found)

        counter, actor = self._flow.counter, self._actor
        self._bridge.run(lambda: counter.tasks.approve(actor, view, staff_no, password), signed)

    def _settle(self) -> None:
        view, approval = self._view, self.settle.second.approval
        if view is None or approval is None:
            return

        def settled(refusal: Refusal | None) -> None:
            if self._view is not view:
                return
            if refusal is not None:
                self.settle.set_refused(refusal)
            else:
                self._flow.refresh_summary()
                self.open()

        counter, actor = self._flow.counter, self._actor
        self._bridge.run(lambda: counter.tasks.settle(actor, view, approval), settled)
