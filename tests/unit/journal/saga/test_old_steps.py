"""A journal of the first schema: its steps in the hall become sagas of one step, and are asked about as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.digest import payload_sm3
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.migrations import v0004_sagas
from app.journal.saga_values import SagaState
from tests.unit.journal.first_schema import first_schema

OLD = (
    ("issued", "hall.issue", "done"),
    ("called", "hall.claim", "intended"),
    ("refused", "hall.claim", "failed"),
    ("lost", "hall.issue", "unknown"),
    ("ended", "hall.end", "done"),
)


@pytest.fixture
def old(folder: Path) -> Path:
    connection, _keys = first_schema(folder)
    for op_id, step, state in OLD:
        connection.execute(
            "INSERT INTO world_step VALUES (?, ?, 1, ?, NULL, '2026-11-22T09:00:00.000000+00:00')", (op_id, step, state)
        )
    connection.close()
    return folder


def test_old_steps_are_sagas_of_one_step(old: Path) -> None:
    journal = Journal.open(old, FolderKeyStore(old, no_ring), SystemClock())
    assert isinstance(journal, Journal), journal
    views = {op_id: journal.run(lambda tx, key=op_id: tx.sagas.view(key)).result() for op_id, _, _ in OLD}
    assert {op_id: view.state for op_id, view in views.items()} == {
        "issued": SagaState.DONE,
        "called": SagaState.RUNNING,
        "refused": SagaState.UNDONE,
        "lost": SagaState.RUNNING,
        "ended": SagaState.DONE,
    }
    (called,) = views["called"].steps
    assert (views["called"].saga.name, views["called"].saga.input) == ("hall_step", {"step": "hall.claim"})
    assert (called.step, called.state, called.idem_key) == ("hall_step", "unknown", "called")
    assert {saga.saga_id for saga in journal.run(lambda tx: tx.sagas.moving(due=True)).result()} == {"called", "lost"}
    assert payload_sm3("{}") in " ".join(v0004_sagas.OLD_STEPS)
    journal.close()
