"""The first code that a camera sees."""

from __future__ import annotations

import queue

from hardware.camera.camera_state import CameraState
from hardware.camera.code_camera import CodeCamera
from hardware.camera.frame_source import Camera
from hardware.scanners.scan_router import ScanRouter
from hardware.scanners.scanned_code import ScanFault, ScannedCode, ScanSource


def first_code(camera: Camera, seconds: float) -> ScannedCode | ScanFault | CameraState:
    """Wait for a code; else AWAY without a camera, ENDED after a recording, READY when the time is over."""
    news: queue.SimpleQueue[ScannedCode | ScanFault | CameraState] = queue.SimpleQueue()
    router = ScanRouter(news.put)

    def publish(state: CameraState) -> None:
        if state is not CameraState.READY:
            news.put(state)

    reader = CodeCamera(camera, lambda text: router.text(text, ScanSource.CAMERA), publish)
    reader.start()
    try:
        return news.get(timeout=seconds)
    except queue.Empty:
        return CameraState.READY
    finally:
        reader.stop()
