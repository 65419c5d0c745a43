"""Whether a camera gives frames; apart from them, because a face tells it without loading numpy."""

from __future__ import annotations

from enum import StrEnum

MOST_CAMERAS = 64
"""Numbers of cameras are below this: no machine at a window has so many."""


class CameraState(StrEnum):
    """Whether a camera gives frames."""

    AWAY = "away"
    READY = "ready"
    ENDED = "ended"
    """A recording came to its end; a live camera never does."""
