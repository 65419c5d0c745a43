"""Draining against a bare httpx loop, and a start with a long queue against one with an empty one."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.drain_race import fill, open_journal, race
from tests.bench.report import Line, note

OPERATIONS = 2000
RUNS = 3
DRAIN_LIMIT = 1 / 0.7
QUEUED = 100_000
START_LIMIT = 2.0


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_a_drain_against_a_bare_loop_of_the_same_batches(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    best = min((race(tmp_path, OPERATIONS) for _ in range(RUNS)), key=lambda found: found.ratio)
    line = Line(
        f"drain, {OPERATIONS:,} operations to a province on loopback, least of {RUNS}",
        f"{best.ours:.2f} s",
        f"bare httpx {best.bare:.2f} s",
        best.ratio,
        DRAIN_LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_a_start_with_a_long_queue_against_an_empty_one(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """What a start asks of the journal before a clerk may sign in: opened, its owner's leases dropped, its summary."""
    for name, count in (("empty", 0), ("long", QUEUED)):
        with closing(open_journal(tmp_path / name)) as journal:
            fill(journal, count)

    def start(name: str) -> float:
        started = time.perf_counter()
        with closing(open_journal(tmp_path / name)) as journal:
            journal.run(lambda tx: tx.summary()).result()
            return time.perf_counter() - started

    start("empty")
    taken = {name: min(start(name) for _ in range(7)) for name in ("empty", "long")}
    line = Line(
        f"open the journal with {QUEUED:,} rows queued, and count them, least of 7",
        f"{taken['long'] * 1000:.0f} ms",
        f"an empty queue {taken['empty'] * 1000:.0f} ms",
        taken["long"] / taken["empty"],
        START_LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()


def test_the_drain_race_runs(tmp_path: Path) -> None:
    found = race(tmp_path, 150)
    assert found.operations == 150
    assert found.ours > 0 < found.bare
