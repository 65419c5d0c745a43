"""What became of sagas that were killed, as a line of the lab's ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.crash.lab.ledger import Line

ENDS = {"done": "done", "undone": "undone", "none": "not begun", "two_persons": "for two persons"}


def counted(saga: str, world: str, runs: Sequence[Mapping[str, Any]], wrong: int, seconds: float) -> Line:
    """Count runs by their end."""
    ends = {told: sum(run["state"] == end for run in runs) for end, told in ENDS.items()}
    killed = sum(died == 9 for run in runs for died in run["died"])
    result = {**{told: number for told, number in ends.items() if number}, "killed": killed, "wrong": wrong}
    return Line(f"saga killed at every point: {saga}, {world}", len(runs), 0, result, not wrong, seconds)
