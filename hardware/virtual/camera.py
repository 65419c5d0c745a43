"""A camera whose frames come from a folder or a generator, at a camera's pace; for training mode and tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from hardware.camera.frame_source import Frame, FrameEnd, FrameSource, Gray


@dataclass(frozen=True)
class VirtualCamera:
    """Opens a new run of frames each time; `rate` in frames a second, 0 as fast as they are read.

    A run that ends is the end of a recording; `pulled_after` frames the camera is lost instead.
    """

    frames: Callable[[], Iterator[Gray]]
    rate: float = 30.0
    pulled_after: int | None = None

    def open(self) -> FrameSource | None:
        """Begin a run."""
        return _Run(self.frames(), self.rate, self.pulled_after)


def folder_camera(folder: Path, rate: float = 30.0) -> VirtualCamera:
    """Return a camera that shows the PNG and JPEG pictures of a folder by name."""

    def frames() -> Iterator[Gray]:
        for path in sorted(found for found in folder.iterdir() if found.suffix.lower() in {".png", ".jpg", ".jpeg"}):
            with Image.open(path) as opened:
                yield np.asarray(opened.convert("L"), dtype=np.uint8)

    return VirtualCamera(frames, rate)


class _Run:
    def __init__(self, frames: Iterator[Gray], rate: float, pulled_after: int | None) -> None:
        self._frames = frames
        self._pause = 1 / rate if rate else 0.0
        self._left = pulled_after
        self._next = time.monotonic()

    def read(self) -> Frame | FrameEnd:
        if self._left == 0:
            return FrameEnd.LOST
        image = next(self._frames, None)
        if image is None:
            return FrameEnd.END
        if self._left is not None:
            self._left -= 1
        time.sleep(max(0.0, self._next - time.monotonic()))
        at = time.monotonic()
        # A camera drops what nobody fetched: a late reader gets the picture of now.
        self._next = max(self._next + self._pause, at)
        return Frame(image, at)

    def close(self) -> None:
        self._left = 0
