"""F3 at work: the camera looks for one code, and the panel stands beside the work meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.services.events import CameraMoved, LookEnded
from app.services.scan_faults import refusal_of_camera
from app.services.scanning import Scanning
from hardware.camera.camera_state import CameraState
from ui.clerk.scan_panel import ScanPanel
from ui.theme.tokens import Tone

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow


class ScanRun:
    """Asks the camera for a code and gives it back; the code itself comes by the scan desk, as every code does."""

    def __init__(self, flow: ClerkFlow, scanning: Scanning, texts: Texts, sentences: Sentences) -> None:
        self._flow = flow
        self._scanning = scanning
        self.looking = False
        self.panel = ScanPanel(texts, sentences)
        self.panel.cancelled.connect(self.cancel)
        self.panel.covered.connect(self._stop)

    def start(self) -> None:
        """Look for a code, or say why no camera can."""
        self._flow.say(None)
        refusal = self._scanning.look()
        if refusal is not None:
            self._flow.say(refusal, Tone.WARN)
            return
        if not self.looking:
            self.looking = True
            self.panel.set_opening()
        self._flow.window.show_side(self.panel)
        self.panel.focus_first()

    def cancel(self) -> None:
        """Give the camera back; no code is taken any more."""
        self._stop()
        self._flow.window.hide_side()
        self._flow.focus_work()

    def on_moved(self, event: CameraMoved) -> None:
        """Say whether the camera is there."""
        if event.state is CameraState.READY:
            self.panel.set_looking()
        else:
            self.panel.set_problem(refusal_of_camera(event.state))

    def on_ended(self, event: LookEnded) -> None:
        """Take the panel away, and say why there was no code."""
        # The end of a look that was given up may come while the next one is under way.
        if not self.looking or self._scanning.looking:
            return
        self.cancel()
        if event.refusal is not None:
            self._flow.say(event.refusal, Tone.WARN)

    def _stop(self) -> None:
        self.looking = False
        self._scanning.cancel()
