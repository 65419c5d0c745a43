"""The saga thread: settles, is woken by what is told, says when it cannot go on."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.saga_runner import SagaRunner
from app.journal.saga_values import SagaState
from app.journal.trouble import JournalRefused
from tests.unit.journal.saga.scenery import Stage


@pytest.fixture
def stage(journal: Journal) -> Stage:
    return Stage(journal)


def ended(stage: Stage, runner: SagaRunner, saga_id: str, change: Callable[[], object]) -> SagaState:
    """Do something that wakes the runner, and wait for the saga to come to rest."""
    stage.world.probed.clear()
    change()
    assert stage.world.probed.wait(10)
    # Its lock is free when it has come to rest.
    return runner._engine.advance(saga_id).state


def test_what_a_crash_left_is_settled_at_start_and_what_is_told_wakes_it(stage: Stage) -> None:
    stage.world.told = ["raise"]
    stage.begin()
    with pytest.raises(ZeroDivisionError):
        stage.engine.advance("saga-1", attended=True)
    stage.journal.run(lambda tx: tx.sagas.drop_holds()).result()
    runner = SagaRunner(stage.journal, stage.engine)
    assert ended(stage, runner, "saga-1", runner.start) is SagaState.DONE
    stage.world.told = ["on_its_way"]
    stage.run("saga-2")
    runner.settled("no saga of ours")
    assert ended(stage, runner, "saga-2", lambda: runner.settled("saga-2")) is SagaState.DONE
    stage.world.told = ["apply", "on_its_way"]
    stage.run("saga-3")
    assert ended(stage, runner, "saga-3", runner.kick) is SagaState.DONE
    assert runner.stop()
    assert set(stage.world.effects.values()) == {1}


def test_a_journal_that_cannot_be_written_is_said_and_a_closed_one_ends_it(stage: Stage) -> None:
    said: list[Refusal] = []
    told = threading.Event()

    def trouble(refusal: Refusal) -> None:
        said.append(refusal)
        told.set()

    engine = stage.engine
    runner = SagaRunner(stage.journal, engine, trouble)

    def full() -> None:
        raise JournalRefused(Refusal("DISK-FULL"))

    engine.run_due = full  # type: ignore[method-assign, assignment]
    runner.start()
    assert told.wait(10)
    assert said == [Refusal("DISK-FULL")]
    stage.journal.close()
    del engine.run_due
    runner.kick()
    assert runner.stop()
    assert said == [Refusal("DISK-FULL")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_stops_it_and_is_said(stage: Stage) -> None:
    said: list[Refusal] = []
    stage.world.told = ["raise"]
    stage.begin()
    runner = SagaRunner(stage.journal, stage.engine, said.append)
    runner.settled("saga-1")
    runner.start()
    runner._thread.join(10)
    assert said == [Refusal("SAGAS-STOPPED")]
    assert runner.stop()
