"""kill -9 at every fault point of every saga: each effect once, or taken back, and nothing stays in doubt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.catalogue import sagas
from app.hall.values import HallStep
from app.training.process import TrainingProvince
from tests.crash.lab.ledger import note
from tests.crash.saga.points import fault_points
from tests.crash.saga.report import counted
from tests.memory_folder import memory_folder
from tests.programs import Counter, steps

ROOT = Path(__file__).parents[3]
COMMANDS = {
    HallStep.ISSUE: "issue_ticket",
    HallStep.CLAIM: "call_ticket",
    HallStep.RECALL: "recall_ticket",
    HallStep.START: "serve_ticket",
    HallStep.END: "finish_visit",
}
FORMAL = sagas.load().current("formal_loss")
WORLDS = {"accepted": "province accepts", "refused": "province refuses"}
NOTHING: Mapping[str, int] = {}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


@pytest.fixture(scope="module")
def province(folder: Path, request: pytest.FixtureRequest) -> Iterator[TrainingProvince]:
    served = TrainingProvince.start(folder / "province", holders=4500 if request.config.getoption("--long") else 200)
    yield served
    served.stop()


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.crash.saga.{program}", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(program: subprocess.Popen[str]) -> list[dict[str, Any]]:
    with program:
        told, complaints = program.communicate()
    assert (program.returncode, complaints) == (0, "")
    return [json.loads(line) for line in told.splitlines()]


def is_true(run: Mapping[str, Any], refused: bool) -> bool:
    """Tell whether a run ended as it may: both sides once, both undone, nothing begun, or two persons asked."""
    if run["again"] != 0 or set(run["died"]) > {0, 9}:
        return False
    here = run["state"], run["effects"], run["card"], run["lost"]
    if run["state"] == "two_persons":
        return len(run["unsettled"]) == 1
    if run["unsettled"]:
        return False
    if not refused:
        return here == ("done", {"bank_loss": 1, "province_loss": 1}, "lost_formal", True)
    if run["state"] == "none":
        return here == ("none", NOTHING, "locked", False)
    return here == ("undone", {"bank_loss": 1, "province_loss": 0, "bank_release": 1}, "locked", False)


def test_formal_loss_killed_at_every_point_of_every_step_and_of_the_way_back(
    folder: Path, province: TrainingProvince, request: pytest.FixtureRequest
) -> None:
    began = time.monotonic()
    points = {world: fault_points("register_formal_loss", FORMAL, world == "refused") for world in WORLDS}
    running = {world: started("carry_through", folder / world, province.url, world, *points[world]) for world in WORLDS}
    for world, runs in {world: finished(program) for world, program in running.items()}.items():
        wrong = [run for run in runs if not is_true(run, world == "refused")]
        note(request.config, counted("formal_loss", WORLDS[world], runs, len(wrong), time.monotonic() - began))
        assert [run["faults"] for run in runs] == list(points[world])
        assert not [run["faults"] for run in runs if run["died"] != [9]], "a point that is never passed"
        assert not wrong
        assert {run["state"] for run in runs} <= ({"undone", "none"} if world == "refused" else {"done"})


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("world", WORLDS)
def test_formal_loss_killed_twice(
    folder: Path, province: TrainingProvince, request: pytest.FixtureRequest, world: str
) -> None:
    """Every pair: a start that dies at one point, and the start that settles it at another."""
    began = time.monotonic()
    points = fault_points("register_formal_loss", FORMAL, world == "refused")
    probes = [f"after_probe@{act}" for act in FORMAL.acts]
    pairs = [f"{first}+{second}" for first, second in product(points, dict.fromkeys([*points, *probes]))]
    runs: list[dict[str, Any]] = []
    for n, some in enumerate(pairs[start : start + 100] for start in range(0, len(pairs), 100)):
        runs += finished(started("carry_through", folder / f"{world}-{n}", province.url, world, *some))
    wrong = [run for run in runs if not is_true(run, world == "refused")]
    spent = time.monotonic() - began
    note(request.config, counted("formal_loss, killed twice", WORLDS[world], runs, len(wrong), spent))
    assert len(runs) == len(pairs)
    assert not wrong


def queue_points() -> list[str]:
    """Return the points of a number's steps, in one session one after the other; each is a saga of the same kind."""
    found: list[str] = []
    for turn, (step, command) in enumerate(COMMANDS.items(), start=1):
        points = fault_points(command, sagas.load().current("hall_step"), taken_back=False)
        named = [point.replace("@hall_step", f"@{step}") for point in points]
        found += [f"{point}:{turn}" if point.endswith("@saga") else point for point in named]
    return found


def ends_of(run: Mapping[str, Any]) -> Sequence[bool]:
    """Tell of each saga of the queue whether its end is true: done if the hall has it, undone if not."""
    ends = {"done": True, "undone": False}
    return [ends.get(state) is happened for state, happened in run["sagas"].values()]


def test_a_numbers_steps_killed_at_every_point(folder: Path, request: pytest.FixtureRequest) -> None:
    began = time.monotonic()
    points = queue_points()
    runs = finished(started("queue_through", folder / "queue", *points))
    wrong = [run for run in runs if run["again"] != 0 or run["died"] != [9] or not all(ends_of(run))]
    last = [{**run, "state": next(reversed(run["sagas"].values()), ("none", False))[0]} for run in runs]
    note(request.config, counted("hall_step, five of them", "hall", last, len(wrong), time.monotonic() - began))
    assert [run["faults"] for run in runs] == points
    assert not wrong


def test_the_program_itself_killed_at_the_bank_is_settled_by_draining(
    tmp_path: Path, province: TrainingProvince
) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen3")  # type: ignore[arg-type]  # its address is enough
    killed = counter.visit("formal-loss", fault="after_touch@bank_loss")
    assert killed.returncode == -9, (killed.stdout, killed.stderr)
    assert counter.outbox() == ()
    drained = counter.drain()
    assert (drained["pending"], drained["tasks"]) == (0, 0)
    (row,) = counter.outbox()
    assert (row.kind, row.state) == ("formal_loss", "applied")
    assert counter.verify().ok


def test_the_program_itself_does_it_headless(tmp_path: Path, province: TrainingProvince) -> None:
    counter = Counter.make(tmp_path / "counter", province, "gen2")  # type: ignore[arg-type]  # its address is enough
    done = counter.visit("formal-loss")
    assert done.returncode == 0, done.stderr
    assert steps(done)["submit"]["state"] == "applied"
    assert steps(done)["receipt"]["printed"] == "printed"
    (row,) = counter.outbox()
    assert (row.kind, row.state) == ("formal_loss", "applied")
