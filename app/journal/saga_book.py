"""The sagas of one journal transaction, as `Transaction.sagas` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.journal import saga_rows, two_person_tasks
from app.journal.book import Book
from app.journal.saga_rows import NewSaga
from app.journal.saga_values import SagaRow, SagaState, SagaView, StepRow, StepState, ToldBy, TwoPersonTask
from app.journal.two_person_tasks import Settlement

if TYPE_CHECKING:
    from app.journal.saga_plan import AskTwo, Begin


class SagaBook:
    """What may be read and written of sagas in one transaction."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def begin(self, new: NewSaga, hold_s: float) -> bool:
        """Write a saga that nothing was done for yet; False when its ordering key has another one open."""
        return saga_rows.begin(self._book, new, hold_s)

    def view(self, saga_id: str) -> SagaView:
        """Return a saga with its attempts; raises KeyError for one that was never begun."""
        return saga_rows.view(self._book, saga_id)

    def exists(self, saga_id: str) -> bool:
        """Tell whether there is a saga of this id."""
        return saga_rows.exists(self._book, saga_id)

    def intend(self, saga_id: str, begun: Begin, step: str, saga_key: bool) -> StepRow:
        """Write that the world is about to be touched; raises SagaOutOfOrder while an attempt is open."""
        return saga_rows.intend(self._book, saga_id, begun.n, begun.act, step, saga_key)

    def end(self, saga_id: str, row: StepRow, state: StepState, evidence: Mapping[str, str]) -> None:
        """Write what the world said of an attempt; raises SagaOutOfOrder unless it is open."""
        saga_rows.end(self._book, saga_id, row, state, ToldBy.WORLD, evidence)

    def doubt(
        self, saga_id: str, row: StepRow, asks: int, evidence: Mapping[str, str], told_by: ToldBy | None = None
    ) -> None:
        """Write that nobody knows yet what became of an attempt, and how often that was asked."""
        saga_rows.doubt(self._book, saga_id, row, asks, told_by, evidence)

    def doubt_intended(self, saga_id: str) -> None:
        """Make a saga's intended attempts unknown: whoever made them is gone."""
        saga_rows.doubt_intended(self._book, saga_id)

    def move(self, saga_id: str, state: SagaState) -> None:
        """Write how far a saga has come; raises SagaOutOfOrder after its end."""
        saga_rows.move(self._book, saga_id, state)

    def hold(self, saga_id: str, seconds: float) -> None:
        """Leave a saga alone for some seconds."""
        saga_rows.hold(self._book, saga_id, seconds)

    def drop_holds(self) -> int:
        """Let every saga that has begun go on now; returns how many were held."""
        return saga_rows.drop_holds(self._book, new_ones=False)

    def moving(self, due: bool) -> tuple[SagaRow, ...]:
        """Return the sagas that go on by themselves, the newest first; only those that may go on now, or all."""
        return saga_rows.moving(self._book, due)

    def next_due_in(self) -> float | None:
        """Return the seconds until a saga may go on, 0 when one may now, None when none is moving."""
        return saga_rows.next_due_in(self._book)

    def needed_definitions(self) -> tuple[tuple[str, int], ...]:
        """Return name and version of every definition that an open saga runs by."""
        return saga_rows.needed_definitions(self._book)

    def allowed(self, saga_id: str) -> frozenset[int]:
        """Return the steps that two persons have allowed to begin."""
        return two_person_tasks.allowed(self._book, saga_id)

    def ask_two(self, saga_id: str, step: str, asked: AskTwo) -> None:
        """Put a question before two persons; the saga stands still until it is answered."""
        two_person_tasks.open_task(self._book, saga_id, step, asked)
        saga_rows.move(self._book, saga_id, SagaState.TWO_PERSONS)

    def tasks(self, saga_id: str | None = None) -> tuple[TwoPersonTask, ...]:
        """Return the questions that wait for two persons, oldest first; of one saga, or of all."""
        return two_person_tasks.tasks(self._book, saga_id)

    def close_task(self, task: TwoPersonTask, said: Settlement) -> Refusal | None:
        """Write what two different persons say; refuses SECOND-PERSON-SAME and TASK-CLOSED."""
        return two_person_tasks.close(self._book, task, said)
