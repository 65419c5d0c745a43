"""The owner of a camera that reads codes: one thread that opens it, decodes each frame, and comes back after a loss."""

from __future__ import annotations

import threading
from collections.abc import Callable

from hardware.camera.camera_state import CameraState
from hardware.camera.frame_source import Camera, FrameEnd, FrameSource
from hardware.scanners.region_tracking import RegionTracker

_AGAIN = 1.0
"""Seconds between two tries to open a camera that is not there."""


class CodeCamera:
    """Reads codes until it is stopped or a recording ends; `deliver` and `publish` are called on its thread.

    Each sight of a code is delivered: the router drops repeats. `publish` is called once a change.
    """

    def __init__(self, camera: Camera, deliver: Callable[[str], None], publish: Callable[[CameraState], None]) -> None:
        self._camera = camera
        self._deliver = deliver
        self._publish = publish
        self._shown: CameraState | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="code-camera", daemon=True)

    def start(self) -> None:
        """Start the owner thread."""
        self._thread.start()

    def stop(self) -> None:
        """Give the camera back and end the thread, after the frame in hand."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            opened = self._camera.open()
            if opened is None:
                self._show(CameraState.AWAY)
                self._stopping.wait(_AGAIN)
                continue
            self._show(CameraState.READY)
            try:
                end = self._read(opened)
            finally:
                opened.close()
            if end is FrameEnd.END:
                self._show(CameraState.ENDED)
                return
            if end is FrameEnd.LOST:
                self._show(CameraState.AWAY)
                self._stopping.wait(_AGAIN)

    def _read(self, opened: FrameSource) -> FrameEnd | None:
        tracker = RegionTracker()
        while not self._stopping.is_set():
            frame = opened.read()
            if isinstance(frame, FrameEnd):
                return frame
            for code in tracker.decode(frame.image):
                self._deliver(code.text)
        return None

    def _show(self, state: CameraState) -> None:
        if state is not self._shown:
            self._shown = state
            self._publish(state)
