"""Whether a scanner's line is open; apart from it, because a face tells it without loading the serial library."""

from __future__ import annotations

from enum import StrEnum


class LineState(StrEnum):
    """Whether the scanner's line is open."""

    AWAY = "away"
    READY = "ready"
