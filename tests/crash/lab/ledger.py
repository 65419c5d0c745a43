"""The lab's ledger: one JSON line for each goal and for each part of a long run, appended to `out/crash_lab.jsonl`.

A line holds what repeats the run (goal, n, seed) and what came of it (result, held, seconds). A long run that was
interrupted goes on after its last part that held, as long as the program is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.bench.report import table

RUN_VARIABLE = "YIKATONG_LAB_RUN"
LEDGER = Path("out", "crash_lab.jsonl")
HEAD = ("goal", "n", "seed", "result", "held", "seconds")
Result = Mapping[str, int | str]
HELD = {True: "yes", False: "NO", None: "–"}


@dataclass(frozen=True)
class Line:
    """One goal of one run."""

    goal: str
    n: int
    seed: int
    result: Result
    held: bool | None
    """None for what could not be tried here."""
    seconds: float
    part: int | None = None
    """Which part of a long run; None for a whole goal."""

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells."""
        told = ", ".join(f"{value} {name}" if isinstance(value, int) else value for name, value in self.result.items())
        return (self.goal, f"{self.n:,}", str(self.seed), told, HELD[self.held], f"{self.seconds:.1f}")


def note(config: pytest.Config, line: Line) -> None:
    """Add a line."""
    file = config.rootpath / LEDGER
    file.parent.mkdir(exist_ok=True)
    run = os.environ.get(RUN_VARIABLE, "")
    with file.open("a", encoding="utf-8") as ledger:
        # One write each: the processes of one run share the file.
        ledger.write(json.dumps({"run": run, "program": program_digest(), **asdict(line)}, ensure_ascii=False) + "\n")


def in_parts(config: pytest.Config, goal: str, parts: Iterable[Line], work: Callable[[Line], Line]) -> list[Line]:
    """Do the parts of a long run that were not done by an earlier one; returns all of them."""
    known = {_part_of(row): row for row in _rows(config.rootpath) if row["goal"] == goal and row["held"]}
    done = []
    for part in parts:
        row = known.get((part.part, part.n, part.seed, program_digest()))
        if row is None:
            done.append(work(part))
            note(config, done[-1])
        else:
            done.append(Line(**{name: row[name] for name in asdict(part)}))
    return done


def markdown(root: Path) -> str:
    """Return the goals of this run as a Markdown table; nothing where the lab did not run."""
    run = os.environ.get(RUN_VARIABLE, "")
    lines = [
        Line(**{name: value for name, value in row.items() if name not in ("run", "program")})
        for row in _rows(root)
        if row["run"] == run and row["part"] is None
    ]
    return table(HEAD, [line.cells() for line in sorted(lines, key=lambda line: line.goal)]) if lines else ""


@cache
def program_digest() -> str:
    """Return a digest of the program and of the lab: what was shown of another one says nothing of this."""
    root = Path(__file__).parents[3]
    found = hashlib.sha256()
    for folder in ("app", "hardware", "resources/catalogue", "tests/crash/lab"):
        for file in sorted(path for path in (root / folder).rglob("*.*") if path.suffix in (".py", ".toml")):
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _part_of(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("part", "n", "seed", "program"))


def _rows(root: Path) -> list[dict[str, object]]:
    file = root / LEDGER
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
