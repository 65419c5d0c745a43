"""The table of sagas that were killed: printed at the end of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.bench.report import table

HEAD = ("saga", "the world", "fault points", "starts killed", "done", "undone", "not begun", "two persons", "wrong")


@dataclass(frozen=True)
class Line:
    """One saga in one world, killed at every point."""

    saga: str
    world: str
    points: int
    killed: int
    ends: Mapping[str, int]
    wrong: int

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells."""
        ends = [str(self.ends.get(end, 0)) for end in ("done", "undone", "none", "two_persons")]
        return (self.saga, self.world, str(self.points), str(self.killed), *ends, str(self.wrong))


LINES: pytest.StashKey[list[Line]] = pytest.StashKey()


def note(config: pytest.Config, line: Line) -> None:
    """Keep a line for the table of this run."""
    config.stash.setdefault(LINES, []).append(line)


def markdown(config: pytest.Config) -> str:
    """Return the lines of this run as a Markdown table; nothing where no saga was killed."""
    lines = sorted(config.stash.get(LINES, []), key=lambda line: (line.saga, line.world))
    return table(HEAD, [line.cells() for line in lines]) if lines else ""


def counted(saga: str, world: str, runs: Sequence[Mapping[str, Any]], wrong: int) -> Line:
    """Count runs by their end."""
    ends: dict[str, int] = {}
    for run in runs:
        ends[run["state"]] = ends.get(run["state"], 0) + 1
    killed = sum(died == 9 for run in runs for died in run["died"])
    return Line(saga, world, len(runs), killed, ends, wrong)
