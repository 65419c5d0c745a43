"""Saving with envelopes at most 8 × a bare insert; an exact search in a million rows at most 20 × a bare select."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.envelope_race import Race, at, fill_index, save_race, search_race
from tests.bench.report import Line, note

ROWS = 10_000
SAVES = 1000
INDEXED = 1_000_000
SEARCHES = 2000
RUNS = 3
SAVE_LIMIT, SEARCH_LIMIT, GROWTH_LIMIT = 8.0, 20.0, 1.1


@pytest.mark.bench
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("quantile", "part"), [("p50", 0.5), ("p99", 0.99)])
def test_save_against_a_bare_insert(saved: list[Race], pytestconfig: pytest.Config, quantile: str, part: float) -> None:
    best = min(saved, key=lambda race: race.ratio(part))
    line = Line(
        f"save, journal of {ROWS:,} operations, {quantile}, least of {RUNS}",
        f"{at(best.ours, part) * 1000:.2f} ms",
        f"bare insert, FULL, {at(best.bare, part) * 1000:.2f} ms",
        best.ratio(part),
        SAVE_LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[Race]:
    return [save_race(tmp_path_factory.mktemp("save"), ROWS, SAVES) for _ in range(RUNS)]


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_search_and_save_with_a_million_rows_in_the_index(
    tmp_path: Path, saved: list[Race], pytestconfig: pytest.Config
) -> None:
    fill_index(tmp_path, INDEXED)
    races = [search_race(tmp_path, INDEXED, SEARCHES) for _ in range(RUNS)]
    best = min(races, key=lambda race: race.ratio(0.5))
    line = Line(
        f"exact search, {INDEXED:,} rows, p50, least of {RUNS}",
        f"{at(best.ours, 0.5) * 1e6:.0f} µs",
        f"bare indexed select {at(best.bare, 0.5) * 1e6:.0f} µs",
        best.ratio(0.5),
        SEARCH_LIMIT,
    )
    note(pytestconfig, line)
    large = [save_race(tmp_path, rows, SAVES) for rows in range(RUNS)]
    ours, before = min(at(race.ours, 0.5) for race in large), min(at(race.ours, 0.5) for race in saved)
    growth = Line(
        f"save, {INDEXED:,} rows in the index, p50, least of {RUNS}",
        f"{ours * 1000:.2f} ms",
        f"{ROWS:,} operations {before * 1000:.2f} ms",
        ours / before,
    )
    note(pytestconfig, growth)
    assert line.held, line.cells()
