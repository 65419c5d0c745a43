"""Power cuts on a disk that forgets what was not synced: nothing that was promised is gone, nothing is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.lab.ledger import Line, in_parts, note
from tests.crash.lab.power_disk import missing
from tests.crash.lab.programs import run
from tests.crash.test_kills import PROMISES, result
from tests.memory_folder import memory_folder

GOAL, NORMAL = "power cuts", "synchronous=NORMAL"
CUTS, LONG_CUTS, PART = 300, 20_000, 500
NORMAL_CUTS = 100
SEED = 20261122

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    reason = missing()
    if reason is not None:
        note(request.config, Line(f"power cuts: {request.node.name}", 0, SEED, {"": f"skipped, {reason}"}, None, 0.0))
        pytest.skip(f"no disk whose power can be cut: {reason}")
    with memory_folder() as made:
        yield made


def line_of(goal: str, seed: int, found: dict[str, Any], part: int | None = None) -> Line:
    broken = sum(found[name] for name in PROMISES)
    return Line(goal, found["cuts"], seed, result(found), not broken, found["seconds"], part)


@pytest.mark.timeout(400)
def test_power_cuts_lose_and_damage_nothing(folder: Path, request: pytest.FixtureRequest) -> None:
    (found,) = run("power_loop", folder, CUTS, SEED)
    line = line_of(GOAL, SEED, found)
    note(request.config, line)
    assert line.held, found
    assert found["cuts"] == CUTS
    assert found["promised"] > CUTS


def test_a_journal_that_is_not_synced_at_each_commit_is_caught(folder: Path, request: pytest.FixtureRequest) -> None:
    (found,) = run("power_loop", folder, NORMAL_CUTS, SEED, NORMAL)
    shown = {name: found[name] for name in PROMISES if found[name]}
    caught = found["lost"] > 0
    note(request.config, Line(f"mutant caught: {NORMAL}", found["cuts"], SEED, shown, caught, found["seconds"]))
    assert caught, found


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_twenty_thousand_power_cuts(folder: Path, request: pytest.FixtureRequest) -> None:
    goal = f"{GOAL}, long"

    def cut(part: Line) -> Line:
        (found,) = run("power_loop", folder / str(part.part), part.n, part.seed)
        return line_of(goal, part.seed, found, part.part)

    parts = [Line(goal, PART, SEED + 1 + n, {}, True, 0.0, n) for n in range(LONG_CUTS // PART)]
    done = in_parts(request.config, goal, parts, cut)
    broken = [line for line in done if not line.held]
    totals = {name: sum(int(line.result[name]) for line in done) for name in ("promised", *PROMISES)}
    spent = sum(line.seconds for line in done)
    note(request.config, Line(goal, sum(line.n for line in done), SEED + 1, totals, not broken, spent))
    assert not broken
