"""A camera by OpenCV, by its number; a file or a named pipe by its path works the same way."""

from __future__ import annotations

import time
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.camera.frame_source import Frame, FrameEnd, FrameSource

WIDTH, HEIGHT, RATE = 1280, 720, 30


@dataclass(frozen=True)
class OpenCvCamera:
    """A device number (0 is the first camera), or the path of a recording."""

    device: int | str

    def open(self) -> FrameSource | None:
        """Open the device at 1280×720, 30 frames a second, with the shortest queue it has."""
        # OpenCV writes to stderr about each camera that is not there, as often as it is looked for.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        try:
            capture = cv2.VideoCapture(self.device)
        except cv2.error:
            # Some back ends raise for what they cannot open instead of saying so.
            return None
        if not capture.isOpened():
            capture.release()
            return None
        if isinstance(self.device, int):
            for setting, value in (
                (cv2.CAP_PROP_FRAME_WIDTH, WIDTH),
                (cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT),
                (cv2.CAP_PROP_FPS, RATE),
                (cv2.CAP_PROP_BUFFERSIZE, 1),
            ):
                capture.set(setting, value)
        return _Opened(capture, live=isinstance(self.device, int))


class _Opened:
    def __init__(self, capture: cv2.VideoCapture, *, live: bool) -> None:
        self._capture = capture
        self._live = live

    def read(self) -> Frame | FrameEnd:
        whole, picture = self._capture.read()
        if not whole:
            return FrameEnd.LOST if self._live else FrameEnd.END
        gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return Frame(np.asarray(gray, dtype=np.uint8), time.monotonic())

    def close(self) -> None:
        self._capture.release()
