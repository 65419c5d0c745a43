"""The scanner and the camera of a window: what they see goes to the scan router, how they are to the bus."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.domain.refusal import Refusal
from app.services.events import CameraMoved, Event, LookEnded, ScannerChanged
from app.services.scan_faults import refusal_of_camera
from app.services.setting_checks import VIRTUAL_CAMERA
from app.services.settings import Settings
from hardware.camera.camera_state import CameraState
from hardware.scanners.hid_scanner import hid_kind, hid_scanner
from hardware.scanners.line_state import LineState
from hardware.scanners.scan_router import ScanRouter
from hardware.scanners.scanned_code import ScanSource

if TYPE_CHECKING:
    from hardware.camera.frame_source import Camera


class _Scanner(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class Scanning:
    """Owned by the GUI thread; only `open` may block there, so it is called on another, once and before `close`.

    The scanner reads for as long as the window is open and comes back after it was pulled out. The camera runs only for
    a look that the clerk asked for, so that its lamp tells the holder the truth.
    """

    def __init__(self, settings: Settings, router: ScanRouter, publish: Callable[[Event], None]) -> None:
        self._settings = settings
        self._router = router
        self._publish = publish
        self._scanner: _Scanner | None = None
        self._looks: list[CameraLook] = []

    def open(self) -> None:
        """Start the scanner's thread, if the settings name one; the line itself is opened there."""
        if self._settings.scanner is None:
            return
        self._scanner = _scanner(
            self._settings.scanner,
            self._settings.scanner_baud,
            self._router,
            lambda state: self._publish(ScannerChanged(state)),
        )
        self._scanner.start()

    def look(self) -> Refusal | None:
        """Have the camera look for one code; CAMERA-NOT-SET without one. A look under way goes on."""
        device = self._settings.camera
        if device is None:
            return Refusal("CAMERA-NOT-SET")
        self._looks = [look for look in self._looks if look.alive]
        if not self.looking:
            look = CameraLook(lambda: _camera(device), self._router, self._settings.camera_wait_s, self._publish)
            self._looks.append(look)
            look.start()
        return None

    @property
    def looking(self) -> bool:
        """Tell whether the camera would still take a code."""
        return any(look.seeking for look in self._looks)

    def cancel(self) -> None:
        """End the look under way; returns at once."""
        for look in self._looks:
            look.cancel()

    def close(self) -> None:
        """Give scanner and camera back and end their threads."""
        self.cancel()
        for look in self._looks:
            look.join()
        if self._scanner is not None:
            self._scanner.stop()


class CameraLook:
    """One look for a code on a thread of its own: it ends with the first code, its time in seconds, or `cancel`.

    `publish` gets CameraMoved while it goes on and LookEnded as the last; a code itself goes to the router alone.
    """

    def __init__(
        self, opened: Callable[[], Camera], router: ScanRouter, seconds: float, publish: Callable[[Event], None]
    ) -> None:
        self._opened = opened
        self._router = router
        self._seconds = seconds
        self._publish = publish
        self._state = CameraState.AWAY
        self._gate = threading.Lock()
        self._ended = False
        self._news: queue.SimpleQueue[LookEnded] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="camera-look", daemon=True)

    @property
    def alive(self) -> bool:
        """Tell whether the camera may not be given back yet."""
        return self._thread.is_alive()

    @property
    def seeking(self) -> bool:
        """Tell whether a code would still be taken."""
        with self._gate:
            return not self._ended

    def start(self) -> None:
        """Open the camera, on the look's thread."""
        self._thread.start()

    def cancel(self) -> None:
        """Take no code any more; the camera is given back after the frame in hand."""
        self._end(LookEnded(None))

    def join(self) -> None:
        """Wait until the camera is given back."""
        self._thread.join()

    def _run(self) -> None:
        # Loads the decoders and the camera library, which takes half a second.
        from hardware.camera.code_camera import CodeCamera

        reader = CodeCamera(self._opened(), self._take, self._show)
        reader.start()
        try:
            end = self._news.get(timeout=self._seconds)
        except queue.Empty:
            self._end(LookEnded(refusal_of_camera(self._state)))
            end = self._news.get()
        finally:
            reader.stop()
        self._publish(end)

    def _take(self, text: str) -> None:
        # The camera sees the code until it is stopped, and perhaps another one beside it.
        if self._end(LookEnded(None)):
            self._router.text(text, ScanSource.CAMERA)

    def _show(self, state: CameraState) -> None:
        self._state = state
        if state is CameraState.ENDED:
            self._end(LookEnded(refusal_of_camera(state)))
        elif self.seeking:
            self._publish(CameraMoved(state))

    def _end(self, end: LookEnded) -> bool:
        """Take this as the end, unless there is one already; tells whether it was taken."""
        with self._gate:
            first, self._ended = not self._ended, True
        if first:
            self._news.put(end)
        return first


def _scanner(name: str, baud: int, router: ScanRouter, show: Callable[[LineState], None]) -> _Scanner:
    kind = hid_kind(name)
    if kind is not None:
        from hardware.scanners.hidapi_scanner import open_scanner

        return hid_scanner(lambda: open_scanner(kind), lambda payload: router.payload(payload, ScanSource.HID), show)
    from hardware.scanners.serial_scanner import SerialLine, serial_scanner

    return serial_scanner(SerialLine(name, baud), lambda payload: router.payload(payload, ScanSource.SERIAL), show)


def _camera(device: int | str) -> Camera:
    if isinstance(device, str) and device.startswith(VIRTUAL_CAMERA):
        from hardware.virtual.camera import folder_camera

        return folder_camera(Path(device.removeprefix(VIRTUAL_CAMERA)))
    from hardware.camera.opencv_camera import OpenCvCamera

    return OpenCvCamera(device)
