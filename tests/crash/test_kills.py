"""kill -9 at random moments: what was promised stands, arrives once and in order; known bad designs are caught."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tests.crash.lab.invariants import Faults
from tests.crash.lab.ledger import Line, in_parts, note
from tests.crash.lab.mutants import CAUGHT_BY, MUTANTS
from tests.crash.lab.programs import finished, run, started
from tests.memory_folder import memory_folder

GOAL = "killed at random, forked service"
KILLS, LONG_KILLS, PART = 2000, 100_000, 1000
DISTURBED, LONG_DISTURBED = 30, 2000
SEED, MUTANT_SEED = 20261122, 7
MUTANT_KILLS = 2000
"""At most; a mutant is left as soon as it is caught."""
PROMISES = tuple(field.name for field in fields(Faults))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


def result(found: dict[str, Any]) -> dict[str, int]:
    """Return what was promised, and how often a promise was broken."""
    return {"promised": found["promised"], **{name: found[name] for name in PROMISES}}


def line_of(goal: str, seed: int, found: dict[str, Any], part: int | None = None) -> Line:
    broken = sum(found[name] for name in PROMISES)
    return Line(goal, found["kills"], seed, result(found), not broken, found["seconds"], part)


@pytest.mark.timeout(900)
def test_kills_at_random_lose_double_and_reorder_nothing(folder: Path, request: pytest.FixtureRequest) -> None:
    (found,) = run("kill_loop", folder, KILLS, SEED)
    line = line_of(GOAL, SEED, found)
    note(request.config, line)
    assert line.held, found
    assert found["kills"] == KILLS
    assert found["promised"] > KILLS


@pytest.mark.parametrize("design", ["clock set", "frozen"])
@pytest.mark.timeout(400)
def test_clocks_that_are_set_and_services_that_stand_still(
    folder: Path, request: pytest.FixtureRequest, design: str
) -> None:
    kills = LONG_DISTURBED if request.config.getoption("--long") else DISTURBED
    (found,) = run("kill_loop", folder, kills, SEED, design)
    line = line_of(f"killed at random, {design}", SEED, found)
    note(request.config, line)
    assert line.held, found
    assert found["kills"] == kills


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_a_hundred_thousand_kills(folder: Path, request: pytest.FixtureRequest) -> None:
    goal = f"{GOAL}, long"

    def kill(part: Line) -> Line:
        (found,) = run("kill_loop", folder / str(part.part), part.n, part.seed)
        return line_of(goal, part.seed, found, part.part)

    parts = [Line(goal, PART, SEED + 1 + n, {}, True, 0.0, n) for n in range(LONG_KILLS // PART)]
    done = in_parts(request.config, goal, parts, kill)
    broken = [line for line in done if not line.held]
    totals = {name: sum(int(line.result[name]) for line in done) for name in ("promised", *PROMISES)}
    spent = sum(line.seconds for line in done)
    note(request.config, Line(goal, sum(line.n for line in done), SEED + 1, totals, not broken, spent))
    assert not broken


@pytest.mark.timeout(400)
def test_every_known_bad_design_is_caught(folder: Path, request: pytest.FixtureRequest) -> None:
    halves = MUTANTS[::2], MUTANTS[1::2]
    programs = [
        started("kill_loop", folder / str(n), MUTANT_KILLS, MUTANT_SEED, *(design.name for design in half))
        for n, half in enumerate(halves)
    ]
    found = [line for program in programs for line in finished(program)]
    for line in found:
        caught = line[CAUGHT_BY[line["design"]]] > 0
        shown = {name: line[name] for name in PROMISES if line[name]}
        note(
            request.config,
            Line(f"mutant caught: {line['design']}", line["kills"], MUTANT_SEED, shown, caught, line["seconds"]),
        )
    assert {line["design"] for line in found} == set(CAUGHT_BY) == {design.name for design in MUTANTS}
    missed = [line for line in found if not line[CAUGHT_BY[line["design"]]]]
    assert not missed
