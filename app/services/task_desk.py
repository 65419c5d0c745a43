"""What people settle by hand: one person what the province refused, two what nobody can tell or what the world moved.

Each settlement by two is shown line by line, signed by the second person as it is shown, then done as one command.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.approval import Approval, Shown, Signed
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.outbox_values import SampleRow, Task
from app.journal.saga_values import TwoPersonTask, Verdict
from app.journal.transaction import Transaction
from app.journal.two_person_tasks import Settlement
from app.services.doorway import Done, Doorway
from app.services.second_person import SecondPersonDesk
from app.services.task_list import is_conflict, task_views
from app.services.views import ReviewLine, TaskView

CLOSE_CONFLICT, SETTLE_STEP = "close_conflict", "settle_saga_step"


@dataclass(frozen=True)
class SettlementView:
    """What two persons are about to decide: the lines that both see, and what exactly it is about."""

    lines: tuple[ReviewLine, ...]
    shown: Shown
    task: Task | TwoPersonTask
    verdict: Verdict | None = None
    """Of a saga's question only."""


class TaskDesk:
    """Settles tasks and ticks off samples for whoever is signed in. Methods block on journal and hall."""

    def __init__(
        self,
        journal: Journal,
        doorway: Doorway,
        second: SecondPersonDesk,
        texts: Texts,
        words: Sentences,
        go_on: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._doorway = doorway
        self._second = second
        self._texts = texts
        self._words = words
        self._go_on = go_on

    def close(self, actor: Actor, op_id: str) -> Refusal | None:
        """Note that a person settled what the province refused.

        Refusals: NOT-PERMITTED, TASK-CLOSED, SECOND-PERSON-NEEDED for what one person may not close.
        """

        def close(tx: Transaction) -> Done[None] | Refusal:
            task = next((task for task in tx.tasks() if task.op_id == op_id), None)
            if task is None:
                return Refusal("SECOND-PERSON-NEEDED" if tx.sagas.tasks(op_id) else "TASK-CLOSED")
            if is_conflict(tx, task):
                return Refusal("SECOND-PERSON-NEEDED")
            tx.close_task(op_id, actor.staff_no, "", task.destination)
            return Done(None, op_id)

        return self._doorway.execute("close_task", actor, close).result()

    def prepare(self, actor: Actor, op_id: str, verdict: Verdict | None = None) -> SettlementView | Refusal:
        """Show what two persons are about to decide; `verdict` answers a saga's question.

        Refusals: NOT-PERMITTED, TASK-CLOSED.
        """

        def read(tx: Transaction) -> SettlementView | Refusal:
            view = next((task for task in task_views(tx, self._words) if task.op_id == op_id), None)
            task = next(iter(tx.sagas.tasks(op_id)), None) or next((t for t in tx.tasks() if t.op_id == op_id), None)
            if view is None or task is None or (verdict is None) == isinstance(task, TwoPersonTask):
                return Refusal("TASK-CLOSED")
            lines = self._lines(tx, view, task, verdict)
            command = CLOSE_CONFLICT if isinstance(task, Task) else SETTLE_STEP
            shown = Shown(command, op_id, tuple((line.label, line.old, line.new) for line in lines))
            return SettlementView(lines, shown, task, verdict)

        return self._doorway.ask("task_list", actor, lambda: self._journal.run(read).result())

    def approve(self, actor: Actor, view: SettlementView, staff_no: str, password: str) -> Approval | Refusal:
        """Have a second person sign what is shown; refusals as `SecondPersonDesk.approve`."""
        return self._second.approve(view.shown, actor, staff_no, password)

    def settle(self, actor: Actor, view: SettlementView, approval: Approval) -> Refusal | None:
        """Do what both decided, once.

        Refusals: NOT-PERMITTED, TASK-CLOSED, SECOND-PERSON-SAME, and those of an approval that does not fit any more.
        """

        def write(tx: Transaction) -> Done[None] | Refusal:
            refused = _write(tx, actor, view, approval)
            return refused or Done(None, view.shown.op_id, _verdict(view))

        signed = Signed(view.shown, approval.approval_id)
        refused = self._doorway.execute(view.shown.command, actor, write, signed).result()
        if refused is None:
            self._go_on()
        return refused

    def tick(self, actor: Actor, sample: SampleRow) -> Refusal | None:
        """Note that a sampled command was looked at. Refusals: NOT-PERMITTED, SECOND-PERSON-SAME, TASK-CLOSED."""

        def tick(tx: Transaction) -> Done[None] | Refusal:
            refused = tx.samples.tick(sample.op_id, sample.command, actor.person_id, actor.staff_no)
            return refused or Done(None, sample.op_id, (("command", sample.command),))

        return self._doorway.execute("tick_sample", actor, tick).result()

    def _lines(
        self, tx: Transaction, view: TaskView, task: Task | TwoPersonTask, verdict: Verdict | None
    ) -> tuple[ReviewLine, ...]:
        texts = self._texts

        def line(key: str, old: str, new: str | None = None) -> ReviewLine:
            return ReviewLine(key, texts(f"settlement.{key}"), old, old if new is None else new)

        holder = json.loads(tx.operation(view.op_id).payload).get("citizen_number")
        lines = [
            line("service", texts(f"services.{view.kind}")),
            line("acceptance_no", view.acceptance_no),
            line("citizen_number", holder if isinstance(holder, str) else ""),
            line("reason", view.reason),
        ]
        if isinstance(task, TwoPersonTask) and verdict is not None:
            lines.append(line("step", texts(f"sagas.steps.{task.step}")))
            answer = texts(f"settlement.{task.question}.{verdict}")
            lines.append(line("decided", texts("settlement.open"), answer))
        else:
            lines.append(line("decided", texts("settlement.open"), texts("settlement.closed")))
        return tuple(lines)


def _write(tx: Transaction, actor: Actor, view: SettlementView, approval: Approval) -> Refusal | None:
    """Write what was decided of exactly the task that was shown."""
    task = view.task
    if isinstance(task, TwoPersonTask):
        if view.verdict is None or task not in tx.sagas.tasks(task.saga_id):
            return Refusal("TASK-CLOSED")
        said = Settlement(actor.person_id, approval.person_id, view.verdict, "")
        return tx.sagas.close_task(task, said)
    if task not in tx.tasks() or not is_conflict(tx, task):
        return Refusal("TASK-CLOSED")
    tx.close_task(task.op_id, actor.staff_no, "", task.destination)
    return None


def _verdict(view: SettlementView) -> tuple[tuple[str, str], ...]:
    return () if view.verdict is None else (("verdict", view.verdict.value),)
