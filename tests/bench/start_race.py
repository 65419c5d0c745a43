"""Starting a process until it says that it is ready, in wall time and in processor time."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.programs import PROGRAM, environment

EMPTY = (sys.executable, "-m", "tests.bench.empty_window")
UNTIL_READY = "tests.bench.until_ready"
PATIENCE_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
_IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)$")


@dataclass(frozen=True)
class Start:
    """One start, in seconds: on the wall, and of the processor, all threads."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Race:
    """The starts of the counter and of the empty window, taken in turns."""

    counter: tuple[Start, ...]
    empty: tuple[Start, ...]

    def __add__(self, more: Race) -> Race:
        """Return both races as one."""
        return Race(self.counter + more.counter, self.empty + more.empty)

    @property
    def ratio(self) -> float:
        """Return the least wall time of the counter over that of the empty window."""
        return min(start.wall for start in self.counter) / min(start.wall for start in self.empty)

    @property
    def cpu_ratio(self) -> float:
        """Return the same of processor time, which a busy machine disturbs less."""
        return min(start.cpu for start in self.counter) / min(start.cpu for start in self.empty)


def counter_command(folder: Path) -> tuple[str, ...]:
    """Return how a counter in training is started on a data folder."""
    return (*PROGRAM, "counter", "--training", "--data", str(folder))


def signing_in_command(folder: Path) -> tuple[str, ...]:
    """Return how a counter is started that is signed in to the moment it is ready; it is ready at the workbench."""
    return (sys.executable, "-m", UNTIL_READY, "workbench", str(folder))


def start_environment(bytecode: Path) -> dict[str, str]:
    """Return an environment as an installed program has it: compiled modules are kept, whatever the tests' own is."""
    made = environment(YIKATONG_SAY_READY="1", PYTHONPYCACHEPREFIX=str(bytecode))
    made.pop("PYTHONDONTWRITEBYTECODE", None)
    return made


def run_start(command: Sequence[str], env: Mapping[str, str]) -> Start:
    """Start a process, wait for its `ready`, end it with SIGTERM and see it and its children gone."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        word, _, moment = process.stdout.readline().partition(" ")
        assert word == "ready", f"{command} did not say that it is ready"
        cpu = _cpu_seconds(process.pid)
        family = (process.pid, *children(process.pid))
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.communicate()
    until = time.monotonic() + PATIENCE_S
    while (left := [pid for pid in family if _lives(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not left, f"processes left: {left}"
    return Start(float(moment) - begun, cpu)


def race(folder: Path, env: Mapping[str, str], runs: int) -> Race:
    """Start both in turns, after one start each that warms files and compiled modules."""
    for command in (EMPTY, counter_command(folder)):
        run_start(command, env)
    empty, counter = [], []
    for _ in range(runs):
        empty.append(run_start(EMPTY, env))
        counter.append(run_start(counter_command(folder), env))
    return Race(tuple(counter), tuple(empty))


def children(pid: int) -> tuple[int, ...]:
    """Return the children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return tuple(found)


@dataclass(frozen=True)
class Loaded:
    """What a counter had loaded when its sign-in could be used, and the milliseconds that each package took."""

    modules: frozenset[str]
    costs: Mapping[str, float]


def loaded_until_ready(folder: Path, env: Mapping[str, str]) -> Loaded:
    """Start a counter that names its modules the moment it is ready, and then ends."""
    command = (sys.executable, "-X", "importtime", "-m", UNTIL_READY, "modules", str(folder))
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    return Loaded(frozenset(done.stdout.split()), own_times(done.stderr.splitlines()))


def own_times(lines: Iterable[str]) -> Mapping[str, float]:
    """Add up `-X importtime` lines: each module's own time, by package, in milliseconds, dearest first."""
    sums: dict[str, float] = defaultdict(float)
    for line in lines:
        match = _IMPORTED.match(line.rstrip())
        if match is not None:
            sums[package_of(match[4])] += int(match[1]) / 1000
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def package_of(module: str) -> str:
    """Return the package that a module is counted under: two levels of ours, one of others, all else is Python's."""
    parts = module.split(".")
    if parts[0] in ("app", "hardware", "ui"):
        return ".".join(parts[:2])
    return "Python itself" if parts[0] in sys.stdlib_module_names else parts[0]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
