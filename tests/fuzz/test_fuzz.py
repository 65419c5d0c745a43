"""No bytes from outside raise or hang: 100,000 inputs an entry point, 1,000,000 with `--long`.

Where atheris is installed it guides them by the branches they take; elsewhere they come from a seeded generator.
"""

from __future__ import annotations

import re
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
BUDGET_S = 10
"""Of one entry point in CI, where counts give way to seconds."""
LONG_PARTS = 10
SMOKE = 500
"""Seeded inputs, by which a machine with atheris knows that the others' way still runs."""
GUIDED = find_spec("atheris") is not None
NO_NUMBERS = frozenset({"input", "what"})


def bred(name: str, part: Line, budget: float = float("inf")) -> Line:
    """Run one part with inputs of the seeded generator, those that fit into `budget` seconds."""
    began, target = time.monotonic(), TARGETS[name]
    timely = takewhile(lambda _: time.monotonic() - began < budget, inputs(target, part.seed, part.n))
    seen = watch(target.run, timely)
    found: dict[str, int | str] = {"slowest ms": round(seen.slowest * 1000), "failures": int(seen.finding is not None)}
    if seen.finding is not None:
        found |= {"input": seen.finding.raw.hex(), "what": seen.finding.what}
    return Line(part.goal, seen.runs, part.seed, found, seen.finding is None, time.monotonic() - began, part.part)


def guided(name: str, part: Line, corpus: Path, budget: int = 0) -> Line:
    """Run one part under atheris, which adds to the corpus what takes new branches; 0 seconds are without end."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.with_atheris", name, str(corpus), str(part.n), str(budget), str(part.seed)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    told = done.stdout + done.stderr
    # libFuzzer says Done after the last run, and counts its runs alone where the time is over.
    runs = re.findall(r"(?m)^Done (\d+) in|^stat::number_of_executed_units: +(\d+)", told)
    edges = re.findall(r"\bcov: (\d+)", told)
    held = done.returncode == 0 and bool(runs)
    found: dict[str, int | str] = {"edges": int(edges[-1]) if edges else 0, "failures": int(not held)}
    if not held:
        found["what"] = told[-3000:]
    ran = max((int(number) for pair in runs for number in pair if number), default=0)
    return Line(part.goal, ran, part.seed, found, held, time.monotonic() - began, part.part)


@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_raise_or_hang(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    goal = f"fuzz: {name} by {'atheris' if GUIDED else 'seeds'}"
    if request.config.getoption("--long"):
        planned = [Line(goal, PART, SEED + part, {}, None, 0.0, part) for part in range(LONG_PARTS)]
        done = in_parts(
            request.config, goal, planned, lambda part: guided(name, part, tmp_path) if GUIDED else bred(name, part)
        )
    else:
        part = Line(goal, PART, SEED, {}, None, 0.0)
        done = [guided(name, part, tmp_path, BUDGET_S) if GUIDED else bred(name, part, BUDGET_S)]
    result = {told: max(int(line.result[told]) for line in done) for told in done[0].result if told not in NO_NUMBERS}
    runs, seconds, held = sum(line.n for line in done), sum(line.seconds for line in done), all(x.held for x in done)
    note(request.config, Line(goal, runs, SEED, result, held, seconds))
    assert held, [line.result for line in done if not line.held]
    assert runs >= PART * len(done) or (len(done) == 1 and seconds >= BUDGET_S)


@pytest.mark.skipif(not GUIDED, reason="without atheris the seeded inputs run as many times above")
@pytest.mark.parametrize("name", TARGETS)
def test_the_seeded_inputs_are_ready_for_a_machine_without_atheris(name: str) -> None:
    line = bred(name, Line(name, SMOKE, SEED, {}, None, 0.0))
    assert (line.held, line.n) == (True, SMOKE), line.result


@pytest.mark.skipif(not GUIDED, reason="atheris is not installed here")
def test_an_input_that_hangs_under_atheris_is_found_and_broken_off(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "tlv", str(tmp_path), "20000", "0", "1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode != 0
    assert "TooLong" in done.stdout + done.stderr


PROGRAM = """
import sys
from tests.fuzz import with_atheris
from tests.fuzz.target import Target
def hangs(raw):
    while raw.startswith(b"\x6f"):
        pass
with_atheris.TARGETS = {"tlv": Target(hangs, (b"\x6f" + bytes(16),))}
with_atheris.main(*sys.argv[1:])
"""
