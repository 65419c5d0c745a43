"""What this machine's books show whoever is signed in: each read is a declared query. Methods block."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.sentences import Sentences
from app.domain.actor import Actor
from app.domain.audit import AuditRow
from app.domain.operation import OutboxRow
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.outbox_values import SampleRow
from app.services.doorway import Doorway
from app.services.task_list import task_views
from app.services.views import TaskView


@dataclass(frozen=True)
class OutboxPage:
    """The first delivery rows, and how many there are in all."""

    rows: tuple[OutboxRow, ...]
    total: int


class Ledger:
    """Reads outbox, tasks, sample and audit chain."""

    def __init__(self, journal: Journal, doorway: Doorway, words: Sentences) -> None:
        self._journal = journal
        self._doorway = doorway
        self._words = words

    def outbox(self, actor: Actor, limit: int | None = None) -> OutboxPage | Refusal:
        """Return delivery rows: what waits in the order in which it is sent, then what was answered."""
        return self._doorway.ask(
            "outbox_list",
            actor,
            lambda: self._journal.run(lambda tx: OutboxPage(tx.rows(limit=limit), tx.row_count())).result(),
        )

    def tasks(self, actor: Actor) -> tuple[TaskView, ...] | Refusal:
        """Return what one person has to settle, and what takes two."""
        return self._doorway.ask(
            "task_list", actor, lambda: self._journal.run(lambda tx: task_views(tx, self._words)).result()
        )

    def samples(self, actor: Actor) -> tuple[SampleRow, ...] | Refusal:
        """Return the commands that another person shall look at."""
        return self._doorway.ask("sample_list", actor, lambda: self._journal.run(lambda tx: tx.samples.open()).result())

    def audit(self, actor: Actor, last: int) -> tuple[AuditRow, ...] | Refusal:
        """Return the last rows of the audit chain."""
        return self._doorway.ask(
            "audit_list", actor, lambda: self._journal.run(lambda tx: tx.audit_rows(last)).result()
        )
