"""A number whose program died is in hand again at the next start; `saga` kills its steps at every point."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import sagas
from app.domain.clock import SystemClock
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.journal import limits
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import SagaEngine
from app.journal.saga_values import SagaState
from app.services.hall_steps import hall_acts
from tests.programs import Counter, Province, steps


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    served = Province(tmp_path_factory.mktemp("province"))
    served.start()
    yield served
    served.kill()


def number_in_the_hall(folder: Path) -> tuple[str, str] | None:
    """Return number and state of the only ticket."""
    hall = sqlite3.connect(folder / "hall.db")
    rows = hall.execute("SELECT number, state FROM ticket").fetchall()
    hall.close()
    assert len(rows) <= 1
    return rows[0] if rows else None


def settle(folder: Path) -> list[tuple[str, SagaState, str | None]]:
    """Open journal and hall again as a counter does, and return what became of the steps that were open."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    hall = Hall.open(hall_url(folder), SystemClock())
    assert isinstance(hall, Hall)
    open_steps = journal.run(lambda tx: tx.sagas.moving(due=True)).result()
    SagaEngine(journal, sagas.load(), hall_acts(hall), lambda: True, limits.load()).run_due()
    now = [journal.run(lambda tx, saga=saga: tx.sagas.view(saga.saga_id)).result() for saga in open_steps]
    hall.close()
    journal.close()
    return [
        (view.saga.input["step"], view.state, view.steps[-1].evidence.get("found") if view.steps else None)
        for view in now
    ]


def test_a_number_whose_end_was_cut_short_is_in_hand_again(tmp_path: Path, province: Province) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen2")
    assert counter.visit("intake", fault="after_commit@finish_visit").returncode == -9
    finished = counter.visit("intake")
    assert finished.returncode == 0, finished.stderr
    assert "issue" not in steps(finished)
    assert steps(finished)["call"]["number"] == "A001"
    assert number_in_the_hall(counter.folder) == ("A001", "done")
    assert settle(counter.folder) == []
