"""Draining against a bare httpx loop, and a start with a long queue against one with an empty one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from app.journal.outbox_values import OutboxSummary
from tests.bench.drain_race import fill, open_journal, race
from tests.bench.report import Line, note
from tests.bench.start_race import run_start, signing_in_command, start_environment
from tests.programs import Counter, Province

OPERATIONS = 5000
RUNS = 5
DRAIN_LIMIT = 1 / 0.7
QUEUED = 100_000
STARTS = 5
OPENINGS = 7
START_LIMIT = 2.0


@pytest.mark.bench
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("guarded", "how"), [(False, "bare"), (True, "signed and sealed")])
def test_a_drain_against_a_bare_loop_of_the_same_batches(
    tmp_path: Path, pytestconfig: pytest.Config, guarded: bool, how: str
) -> None:
    best = min((race(tmp_path, OPERATIONS, guarded) for _ in range(RUNS)), key=lambda found: found.ratio)
    line = Line(
        f"drain, {OPERATIONS:,} operations to a province on loopback, {how}, least of {RUNS}",
        f"{best.ours:.2f} s",
        f"httpx, the same batches, {best.bare:.2f} s",
        best.ratio,
        DRAIN_LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_a_start_with_a_long_queue_against_an_empty_one(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The program from nothing to the workbench, signed in at once, dark, so that the queue stays as long as it is."""
    env = start_environment(tmp_path / "bytecode")
    folders = {name: _counter(tmp_path / name, env, count) for name, count in (("empty", 0), ("long", QUEUED))}
    taken: dict[str, list[float]] = {name: [] for name in folders}
    for _ in range(STARTS):
        for name, folder in folders.items():
            taken[name].append(run_start(signing_in_command(folder), env).wall)
    assert _summary(folders["long"]).pending == QUEUED
    line = _against("start to the workbench", {name: min(times) for name, times in taken.items()}, "s", START_LIMIT)
    note(pytestconfig, line)
    assert line.held, line.cells()


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_opening_a_journal_with_a_long_queue_against_an_empty_one(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """What a start asks of the journal before a clerk may sign in: opened, its owner's leases dropped, its summary."""
    for name, count in (("empty", 0), ("long", QUEUED)):
        with closing(open_journal(tmp_path / name)) as journal:
            fill(journal, count)
    _opening(tmp_path / "empty")
    taken = {name: min(_opening(tmp_path / name) for _ in range(OPENINGS)) for name in ("empty", "long")}
    line = _against("open the journal and count its queue, no more", taken, "ms", START_LIMIT, OPENINGS)
    note(pytestconfig, line)
    assert line.held, line.cells()


def _counter(folder: Path, env: Mapping[str, str], queued: int) -> Path:
    """Make a counter whose province is away, start it once, and queue operations."""
    Counter.make(folder, Province(folder / "province"), "gen3")
    run_start(signing_in_command(folder), env)
    with closing(open_journal(folder)) as journal:
        fill(journal, queued)
    return folder


def _opening(folder: Path) -> float:
    started = time.perf_counter()
    with closing(open_journal(folder)) as journal:
        journal.run(lambda tx: tx.summary()).result()
        return time.perf_counter() - started


def _summary(folder: Path) -> OutboxSummary:
    with closing(open_journal(folder)) as journal:
        return journal.run(lambda tx: tx.summary()).result()


def _against(what: str, taken: Mapping[str, float], unit: str, bound: float, runs: int = STARTS) -> Line:
    shown = {
        name: f"{time_taken * 1000:.0f} ms" if unit == "ms" else f"{time_taken:.2f} s"
        for name, time_taken in taken.items()
    }
    name = f"{what}, {QUEUED:,} rows queued, least of {runs}"
    return Line(name, shown["long"], f"none queued {shown['empty']}", taken["long"] / taken["empty"], bound)


@pytest.mark.parametrize("guarded", [False, True])
def test_the_drain_race_runs(tmp_path: Path, guarded: bool) -> None:
    found = race(tmp_path, 150, guarded)
    assert found.operations == 150
    assert found.ours > 0 < found.bare
