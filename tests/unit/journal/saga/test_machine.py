"""Random lives of a saga against a model: any answer, a crash at any fault point, a world that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.catalogue.sagas import SagaDefinition, Sagas, StepKind, definition
from app.journal import journal as journal_module
from app.journal import saga_engine, saga_rows
from app.journal.saga_values import (
    ENDS,
    Act,
    Answer,
    Happened,
    NeverHappened,
    Question,
    SagaState,
    SagaView,
    StepCall,
    StepState,
    Verdict,
)
from app.journal.transaction import Transaction
from app.journal.two_person_tasks import Settlement
from tests.empty_journal import open_empty
from tests.memory_folder import memory_folder
from tests.unit.journal.saga.scenery import Stage, content, issuing, row
from tests.unit.journal.scenery import StillClock

# What runs here by the thousand is measured elsewhere, where it runs once.
pytestmark = pytest.mark.no_cover

HOW = ("apply", "apply", "apply", "refuse", "never_comes", "reply_lost", "on_its_way")
SHAPES: tuple[SagaDefinition, ...] = (
    issuing(),
    definition(content(row("reserve", "reversible", compensation="unreserve"), row("personalise", "pivot")), "test"),
    definition(content(row("reserve", "reversible"), row("open", "reversible", compensation="close")), "test"),
    definition(
        content(
            row("reserve", "reversible", compensation="unreserve", attempts=1),
            row("personalise", "pivot", second_person=True, asks=1),
            row("activate", "after-pivot", attempts=1),
        ),
        "test",
    ),
)


class Crash(BaseException):
    """The process dies here."""


class Deaths:
    """Stands in for the fault points: dies at the n-th one that is passed."""

    def __init__(self) -> None:
        self.left: int | None = None

    def __call__(self, _name: str, _label: str = "") -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


DEATHS = Deaths()


@contextmanager
def deadly_points() -> Iterator[None]:
    """Put the fault points' places under the test's hand."""
    kept = saga_engine.fault_point
    saga_engine.fault_point = journal_module.fault_point = DEATHS  # type: ignore[assignment]
    try:
        yield
    finally:
        saga_engine.fault_point = journal_module.fault_point = kept


class SagaMachine(RuleBasedStateMachine):
    """One saga from its beginning to an end, by way of whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.left = ExitStack()
        folder = self.left.enter_context(memory_folder())
        self.stage = Stage(open_empty(folder, StillClock()))
        DEATHS.left = None

    @initialize(shape=st.sampled_from(SHAPES))
    def begin(self, shape: SagaDefinition) -> None:
        self.shape = shape
        self.stage.definitions = Sagas.of([shape])
        assert self.stage.begin() is None

    @rule(told=st.lists(st.sampled_from(HOW), max_size=4), dies_after=st.none() | st.integers(0, 14))
    def carry_on(self, told: list[str], dies_after: int | None) -> None:
        self.stage.world.told = list(told)
        DEATHS.left = dies_after
        try:
            self.stage.engine.advance("saga-1")
        except Crash:
            self.restart()
        finally:
            DEATHS.left = None

    def restart(self) -> None:
        """Do what opening a journal does."""

        def recover(tx: Transaction) -> None:
            saga_rows.doubt_intended(tx._book)
            saga_rows.drop_holds(tx._book, new_ones=True)

        self.stage.journal.run(recover).result()

    @rule(away=st.booleans(), murky=st.sets(st.sampled_from(("reserve", "personalise", "close", "activate"))))
    def change_the_world(self, away: bool, murky: set[str]) -> None:
        self.stage.world.away, self.stage.world.murky = away, murky

    @precondition(lambda self: self.state is SagaState.TWO_PERSONS)
    @rule(allow=st.booleans())
    def two_persons_answer(self, allow: bool) -> None:
        (task,) = self.stage.journal.run(lambda tx: tx.sagas.tasks()).result()
        verdict = allow if task.question is Question.MAY_BEGIN else self.happened(task.n, task.act)
        said = Settlement("p-1", "p-2", Verdict.YES if verdict else Verdict.NO, "")
        assert self.stage.journal.run(lambda tx: tx.sagas.close_task(task, said)).result() is None

    @property
    def state(self) -> SagaState:
        return self.stage.view().state

    def happened(self, n: int, act: Act) -> bool:
        """Tell what the world knows, whatever it answers."""
        return self._happened(self.stage.view(), n, act)

    def _happened(self, view: SagaView, n: int, act: Act) -> bool:
        keys = [row.idem_key for row in view.steps if (row.n, row.act) == (n, act)]
        return any(self.stage.world.effects.get(key) for key in keys)

    @invariant()
    def all_is_true(self) -> None:
        view = self.stage.view()
        self.nothing_is_done_twice_nor_without_an_intent(view)
        self.steps_are_in_order_and_nothing_is_taken_back_after_the_pivot()
        tasks = self.stage.journal.run(lambda tx: tx.sagas.tasks()).result()
        assert len(tasks) == (1 if view.state is SagaState.TWO_PERSONS else 0)
        if view.state in ENDS:
            self.an_end_is_true(view)

    def nothing_is_done_twice_nor_without_an_intent(self, view: SagaView) -> None:
        effects = self.stage.world.effects
        assert set(effects.values()) <= {1}
        assert effects.keys() <= {row.idem_key for row in view.steps}

    def steps_are_in_order_and_nothing_is_taken_back_after_the_pivot(self) -> None:
        names = [step.name for step in self.shape.steps]
        forward = [step for step in self.stage.world.steps if step in names]
        assert forward == names[: len(forward)]
        pivots = {step.name for step in self.shape.steps if step.kind is StepKind.PIVOT}
        assert not (pivots & set(forward) and len(forward) < len(self.stage.world.steps))

    def an_end_is_true(self, view: SagaView) -> None:
        assert not [row for row in view.steps if row.state in (StepState.INTENDED, StepState.UNKNOWN)]
        for n, step in enumerate(self.shape.steps):
            done, undone = self._happened(view, n, Act.DO), self._happened(view, n, Act.UNDO)
            if view.state is SagaState.DONE:
                assert (done, undone) == (True, False)
            elif step.compensation is not None:
                assert done == undone
            elif step.kind is not StepKind.REVERSIBLE:
                assert not done

    def teardown(self) -> None:
        """With a world that answers and people who say the truth, every saga comes to an end."""
        self.stage.world.told, self.stage.world.away, self.stage.world.murky = [], False, set()
        try:
            for _ in range(12):
                self.stage.engine.advance("saga-1")
                if self.state is SagaState.TWO_PERSONS:
                    self.two_persons_answer(True)
                if self.state in ENDS:
                    break
            assert self.state in ENDS
            self.all_is_true()
        finally:
            self.stage.journal.close()
            self.left.close()


class NeverAsks(SagaMachine):
    """Known to be bad: what is in doubt is taken for not done."""

    def __init__(self) -> None:
        super().__init__()
        self.stage.world.probe = lambda _call: NeverHappened()  # type: ignore[method-assign]


class ForgetsToUndo(SagaMachine):
    """Known to be bad: taking back is said to be done, and is not."""

    def __init__(self) -> None:
        super().__init__()
        do = self.stage.world.do

        def forgetful(call: StepCall) -> Answer:
            return Happened() if call.undone_key else do(call)

        self.stage.world.do = forgetful  # type: ignore[method-assign]


def live(machine: type[SagaMachine], lives: int) -> None:
    """Run a machine's lives."""
    with deadly_points():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=lives,
                stateful_step_count=10,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate,),
                database=None,
            ),
        )


def test_any_life_of_a_saga_ends_true() -> None:
    live(SagaMachine, 25)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_thousands_of_lives_end_true() -> None:
    live(SagaMachine, 3000)


@pytest.mark.parametrize("bad", [NeverAsks, ForgetsToUndo])
def test_a_design_that_is_known_to_be_bad_is_caught(bad: type[SagaMachine]) -> None:
    with pytest.raises(AssertionError):
        live(bad, 200)
