"""A journal of the fifth schema, with queued rows, a set-aside one and sagas in every state: nothing is stranded.

`kept/schema_5` was written by the program of that schema; people in it are fictional.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.operation import DeliveryState
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.dispatch import Dispatcher
from app.journal.journal import Journal
from app.journal.saga_values import SagaState, StepState
from tests.unit.journal.saga.scenery import Stage, World
from tests.unit.journal.scenery import StillClock, ToldProvince

KEPT = Path(__file__).with_name("kept") / "schema_5"
ROWS = 15


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "数据"))


@pytest.fixture
def clock() -> StillClock:
    clock = StillClock()
    clock.pass_by(3600)
    return clock


def test_it_opens_verifies_and_has_everything(journal: Journal, do: Callable, folder: Path) -> None:
    found = do(lambda tx: tx.verify(AnchorFile(folder).read()))
    assert (found.rows, found.ok, found.anchored_rows) == (ROWS, True, 11)
    states = sorted(row.state.value for row in do(lambda tx: tx.rows()))
    assert states == ["applied", "conflict", *["queued"] * 5, "rejected"]
    assert do(lambda tx: tx.summary()).tasks == 3
    assert do(lambda tx: tx.receipt("job-0")).pdf == b"%PDF-1.7 fictional"
    ends = {name: do(lambda tx, name=name: tx.sagas.view(f"saga-{name}")).state for name in ("done", "undone", "two")}
    assert ends == {"done": SagaState.DONE, "undone": SagaState.UNDONE, "two": SagaState.TWO_PERSONS}


def test_what_waited_is_delivered_once_and_in_order(journal: Journal, do: Callable, clock: StillClock) -> None:
    waiting = {row.op_id: row for row in do(lambda tx: tx.rows()) if row.state is DeliveryState.QUEUED}
    province = ToldProvince()
    dispatcher = Dispatcher(journal, province, clock, "device-3", limits.load(), jitter=lambda _low, high: high)
    for _ in range(4):
        clock.pass_by(dispatcher.round())
    sent = [op_id for batch in province.uploads for op_id in batch]
    assert sorted(sent) == sorted(waiting)
    for person in {row.order_key for row in waiting.values()}:
        numbers = [waiting[op_id].device_seq for op_id in sent if waiting[op_id].order_key == person]
        assert numbers == sorted(numbers)
    assert do(lambda tx: tx.summary()).pending == 0
    assert do(lambda tx: tx.verify()).ok


def test_a_saga_that_was_under_way_is_asked_after_and_ends(journal: Journal, clock: StillClock) -> None:
    world = World()
    stage = Stage(journal, world)
    (under_way,) = [row for row in stage.view("saga-running").steps if row.state is StepState.UNKNOWN]
    assert under_way.step == "open"
    world.effects[under_way.idem_key] = 1
    for _ in range(6):
        clock.pass_by(400)
        stage.engine.run_due()
    assert stage.view("saga-running").state is SagaState.DONE
    assert world.probes == ["open"]
    assert world.steps == ["personalise", "activate"]
    assert max(world.effects.values()) == 1


def test_it_can_be_copied_from_its_first_migration(journal: Journal, do: Callable) -> None:
    do(lambda tx: tx.copying(True))
    do(lambda tx: tx.audit("test", "0007", "done"))
    assert do(lambda tx: tx.copy_lag()).rows >= 2
