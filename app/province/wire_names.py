"""What wires are called: the reference wire's name, and those that adapter packages declare."""

from __future__ import annotations

from importlib.metadata import entry_points

REFERENCE = "reference"
GROUP = "yikatong.wires"


def names() -> tuple[str, ...]:
    """Return the names of every wire, the reference wire first."""
    return (REFERENCE, *sorted({entry.name for entry in entry_points(group=GROUP)} - {REFERENCE}))
