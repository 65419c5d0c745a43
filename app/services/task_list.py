"""The to-do list of people: what the province refused, and what takes two persons."""

from __future__ import annotations

from app.catalogue.sentences import Sentences
from app.journal.outbox_values import Task
from app.journal.saga_values import TwoPersonTask
from app.journal.transaction import Transaction
from app.services.views import TaskView


def task_views(tx: Transaction, words: Sentences) -> tuple[TaskView, ...]:
    """Return every open task in words, the oldest first."""
    of_one = [_of_one(task, words) for task in tx.tasks()]
    of_two = [_of_two(tx, task, words) for task in tx.sagas.tasks()]
    return tuple(sorted((*of_one, *of_two), key=lambda task: task.since))


def _of_one(task: Task, words: Sentences) -> TaskView:
    reason, action = words.code(task.reason).text, words.code(task.next_action).remedy
    return TaskView(task.op_id, task.kind, task.acceptance_no, reason, action, task.since)


def _of_two(tx: Transaction, task: TwoPersonTask, words: Sentences) -> TaskView:
    sentence = words.code(task.reason)
    operation = tx.operation(task.saga_id)
    return TaskView(
        task.saga_id, operation.kind, operation.acceptance_no, sentence.text, sentence.remedy, task.since, task.step
    )
