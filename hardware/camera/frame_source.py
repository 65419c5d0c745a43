"""What a camera gives: grey frames with the time at which they came."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]


class FrameEnd(StrEnum):
    """Why there is no frame."""

    LOST = "lost"
    """The device stopped answering: pulled out, or taken by another program."""
    END = "end"


@dataclass(frozen=True)
class Frame:
    """One picture; `at` is monotonic seconds."""

    image: Gray = field(repr=False)
    at: float


class FrameSource(Protocol):
    """An open camera, used by one thread."""

    def read(self) -> Frame | FrameEnd:
        """Wait for the next frame, or tell why none comes; at most about a second."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class Camera(Protocol):
    """A camera that can be opened again and again."""

    def open(self) -> FrameSource | None:
        """Open it; None while it is not there or held by another program."""
        ...
