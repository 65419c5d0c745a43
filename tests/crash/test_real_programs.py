"""Freshly started programs killed at random moments of a visit, against a training server that loses some replies."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.hall.training_staff import training_password
from app.journal.fault_point import FAULT_VARIABLE
from tests.crash.lab.ledger import Line, in_parts, note
from tests.memory_folder import memory_folder
from tests.programs import PROGRAM, Counter, Province, environment

KILLS, LONG_KILLS, PART = 50, 5000, 50
LANES = 2
"""Counters that are killed side by side, each so often."""
SEED = 20261122
LOST_REPLIES = 0.2
EARLIEST = 0.25
"""Of a visit's time: before it the program has only been loaded."""
FAKETIME = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
UPLOADS = "/v1/operations"
LONGEST_S = 60.0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is what Windows has not")


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


@pytest.fixture
def province(folder: Path) -> Iterator[Province]:
    served = Province(folder / "province")
    served.start()
    yield served
    served.kill()


def visit_killed(counter: Counter, after_s: float) -> list[str]:
    """Start a visit, kill it, and return the op_ids that it had told."""
    command = [*PROGRAM, "visit", "--data", str(counter.folder), "--do", "intake"]
    without = environment()
    without.pop(FAULT_VARIABLE, None)
    # Into files: the worker that draws receipts would hold a pipe open for as long as it takes to find itself alone.
    told, complaints = counter.folder / "told.out", counter.folder / "complaints.out"
    with told.open("wb") as out, complaints.open("wb") as err:
        visit = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=without)
        assert visit.stdin is not None
        visit.stdin.write(f"{training_password()}\n".encode())
        visit.stdin.close()
        try:
            visit.wait(after_s)
        except subprocess.TimeoutExpired:
            visit.kill()
            visit.wait()
    complained = complaints.read_text(encoding="utf-8")
    # The province's word came between the receipt and its printing: the operation stands, and was told.
    assert visit.returncode in (0, -9) or complained.startswith("RECEIPT-STALE"), complained
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return [line["op_id"] for line in lines if line["step"] == "submit"]


def kill(part: Line, folder: Path, province: Province) -> Line:
    """Kill so many visits of one counter, deliver what is left, and compare journal and province."""
    began, chance = time.monotonic(), random.Random(part.seed)
    counter = Counter.make(folder / f"counter-{part.part}", province, "gen2")
    told: set[str] = set()
    whole_s = 0.0
    for _warm in range(2):
        # The first visit makes journal and hall; how long the second takes is how long a visit takes here and now.
        first = time.monotonic()
        told.update(visit_killed(counter, LONGEST_S))
        whole_s = time.monotonic() - first
    assert len(told) == 2
    for _ in range(part.n):
        if chance.random() < LOST_REPLIES:
            province.post("/training/faults", {"mode": "drop_reply", "count": 1, "path": UPLOADS})
        told.update(visit_killed(counter, chance.uniform(EARLIEST * whole_s, whole_s)))
    drained = counter.drain()
    rows = counter.outbox()
    ledger = province.ledger()
    found = {
        "promised": len(told),
        "written": len(rows),
        "lost": len(told - {row.op_id for row in rows}),
        "twice": sum(ledger.get(row.op_id, 0) > 1 for row in rows),
        "missing": sum(ledger.get(row.op_id, 0) < 1 for row in rows),
        "gaps": int(sorted(row.device_seq for row in rows) != list(range(1, len(rows) + 1))),
        "undelivered": int(str(drained["pending"])),
        "chain": int(not counter.verify().ok),
    }
    broken = any(value for name, value in found.items() if name not in ("promised", "written"))
    shutil.rmtree(counter.folder)
    return Line(part.goal, part.n, part.seed, found, not broken, round(time.monotonic() - began, 2), part.part)


def whole(goal: str, seed: int, parts: Sequence[Line]) -> Line:
    """Add parts up to one line of the ledger."""
    totals = {name: sum(int(line.result[name]) for line in parts) for name in parts[0].result}
    held, spent = all(line.held for line in parts), sum(line.seconds for line in parts)
    return Line(goal, sum(line.n for line in parts), seed, totals, held, spent)


@pytest.mark.timeout(900)
def test_programs_killed_at_random_lose_and_double_nothing(
    folder: Path, province: Province, request: pytest.FixtureRequest
) -> None:
    lanes = [Line("killed at random, fresh program", KILLS, SEED + lane, {}, True, 0.0, lane) for lane in range(LANES)]
    with ThreadPoolExecutor(LANES) as together:
        done = list(together.map(lambda lane: kill(lane, folder, province), lanes))
    line = whole("killed at random, fresh program", SEED, done)
    note(request.config, line)
    assert line.held, line
    assert line.n == LANES * KILLS


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
def test_five_thousand_programs_killed(folder: Path, province: Province, request: pytest.FixtureRequest) -> None:
    goal = "killed at random, fresh program, long"
    parts = [Line(goal, PART, SEED + 1 + n, {}, True, 0.0, n) for n in range(LONG_KILLS // PART)]
    done = in_parts(request.config, goal, parts, lambda part: kill(part, folder, province))
    line = whole(goal, SEED + 1, done)
    note(request.config, line)
    assert line.held


@pytest.mark.parametrize("years", [-10, 12])
def test_a_program_whose_clock_is_years_off_delivers_once(
    folder: Path, province: Province, request: pytest.FixtureRequest, years: int
) -> None:
    """The whole process is given another time, past 2038 too, by each of its clocks; the province keeps its own."""
    if not FAKETIME:
        pytest.skip("no libfaketime: Debian's faketime is not installed")
    counter = Counter.make(folder / "counter", province, "gen1")
    faked = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"{years:+d}y"}
    began = time.monotonic()
    done = counter.visit("intake", more=faked)
    assert done.returncode == 0, done.stderr
    assert counter.drain()["pending"] == 0
    (row,) = counter.outbox()
    applied = province.ledger().get(row.op_id, 0)
    held = applied == 1 and row.state == "applied" and counter.verify().ok
    goal = f"a program {years:+d} years off"
    note(request.config, Line(goal, 1, 0, {"applied": applied}, held, time.monotonic() - began))
    assert held, row
