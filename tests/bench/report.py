"""The Speed table: one line a figure, printed as Markdown at the end of a run with `--bench`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

HEAD = ("measured", "figure", "against", "ratio", "bound")


@dataclass(frozen=True)
class Line:
    """One figure, what it is held against, and how many times that it may be; texts as they are printed."""

    name: str
    figure: str
    against: str = "–"
    ratio: float | None = None
    bound: float | None = None

    @property
    def held(self) -> bool:
        """Tell whether the ratio keeps its bound; a line without one always does."""
        return self.ratio is None or self.bound is None or self.ratio <= self.bound

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells."""
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f} ×"
        bound = "–" if self.bound is None else f"≤ {self.bound:g} ×"
        return (self.name, self.figure, self.against, ratio, bound)


LINES: pytest.StashKey[list[Line]] = pytest.StashKey()


def note(config: pytest.Config, line: Line) -> None:
    """Keep a line for the table of this run."""
    config.stash.setdefault(LINES, []).append(line)


def noted(config: pytest.Config) -> tuple[Line, ...]:
    """Return the lines of this run, by name."""
    return tuple(sorted(config.stash.get(LINES, []), key=lambda line: line.name))


def markdown(lines: Iterable[Line]) -> str:
    """Return the lines as a Markdown table."""
    return table(HEAD, [line.cells() for line in lines])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows under a head as a Markdown table."""
    made = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in made)


def machine_load() -> str:
    """Return what else the machine did, for whoever judges the figures."""
    one, five, _quarter = os.getloadavg()
    return f"{os.cpu_count()} cores, load {one:.1f} (five minutes {five:.1f})"
