"""No bytes from outside raise or hang: 100,000 inputs an entry point, 1,000,000 with `--long`."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest

from tests.crash.lab.ledger import Line, in_parts, note
from tests.fuzz.breeding import inputs
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import watch

SEED = 20261122
PART = 100_000
BUDGET_S = 15.0
"""Of one entry point in CI, where counts give way to seconds."""
LONG_PARTS = 10
GUIDED = find_spec("atheris") is not None
GUIDED_RUNS = 10_000
"""In CI, beside the seeded ones: instrumented code is slower."""


def bred(name: str, part: Line, budget: float = float("inf")) -> Line:
    """Run one part with inputs of the seeded generator, those that fit into `budget` seconds."""
    began, target = time.monotonic(), TARGETS[name]
    timely = takewhile(lambda _: time.monotonic() - began < budget, inputs(target.corpus, part.seed, part.n))
    seen = watch(target.run, timely)
    found = {"slowest ms": round(seen.slowest * 1000)}
    if seen.finding is not None:
        found |= {"input": seen.finding.raw.hex(), "what": seen.finding.what}
    return Line(part.goal, seen.runs, part.seed, found, seen.finding is None, time.monotonic() - began, part.part)


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_raise_or_hang(name: str, request: pytest.FixtureRequest) -> None:
    goal = f"fuzz: {name}"
    parts = LONG_PARTS if request.config.getoption("--long") else 1
    planned = [Line(goal, PART, SEED + part, {}, None, 0.0, part) for part in range(parts)]
    if parts == 1:
        done = [bred(name, planned[0], BUDGET_S)]
    else:
        done = in_parts(request.config, goal, planned, lambda part: bred(name, part))
    failed = [line.result for line in done if not line.held]
    slowest = max(int(line.result["slowest ms"]) for line in done)
    runs, seconds = sum(line.n for line in done), sum(line.seconds for line in done)
    note(request.config, Line(goal, runs, SEED, {"slowest ms": slowest, "failed": len(failed)}, not failed, seconds))
    assert not failed
    assert runs == PART * parts or (parts == 1 and seconds >= BUDGET_S)


@pytest.mark.skipif(not GUIDED, reason="atheris is not installed here; the seeded inputs run without it")
@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_that_atheris_finds_raise_or_hang(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    runs = PART * LONG_PARTS if request.config.getoption("--long") else GUIDED_RUNS
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.with_atheris", name, str(tmp_path), str(runs), str(SEED)],
        cwd=request.config.rootpath,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    told = done.stdout + done.stderr
    held = done.returncode == 0 and f"Done {runs}" in told
    note(request.config, Line(f"atheris: {name}", runs, SEED, {}, held, time.monotonic() - began))
    assert held, told[-3000:]
