"""The to-do list of people: what the province refused, and what takes two persons."""

from __future__ import annotations

from app.catalogue.sentences import Sentences
from app.domain.operation import DeliveryState
from app.journal.outbox_values import Task
from app.journal.saga_values import TwoPersonTask
from app.journal.transaction import Transaction
from app.services.views import TaskView


def task_views(tx: Transaction, words: Sentences) -> tuple[TaskView, ...]:
    """Return every open task in words, the oldest first."""
    of_one = [_of_one(tx, task, words) for task in tx.tasks()]
    of_two = [_of_two(tx, task, words) for task in tx.sagas.tasks()]
    return tuple(sorted((*of_one, *of_two), key=lambda task: task.since))


def is_conflict(tx: Transaction, task: Task) -> bool:
    """Tell whether two persons have to look at a delivery: the world had moved, or it was never sent."""
    return tx.delivery_state(task.op_id, task.destination)[0] is DeliveryState.CONFLICT


def _of_one(tx: Transaction, task: Task, words: Sentences) -> TaskView:
    reason, action = words.code(task.reason).text, words.code(task.next_action).remedy
    conflict = is_conflict(tx, task)
    return TaskView(task.op_id, task.kind, task.acceptance_no, reason, action, task.since, two_persons=conflict)


def _of_two(tx: Transaction, task: TwoPersonTask, words: Sentences) -> TaskView:
    sentence = words.code(task.reason)
    operation = tx.operation(task.saga_id)
    return TaskView(
        task.saga_id,
        operation.kind,
        operation.acceptance_no,
        sentence.text,
        sentence.remedy,
        task.since,
        task.step,
        task.question,
        two_persons=True,
    )
