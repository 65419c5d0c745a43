"""Refusals for what was scanned and is no code, and for a camera that gives none."""

from __future__ import annotations

from app.domain.refusal import Refusal
from hardware.camera.camera_state import CameraState
from hardware.scanners.scanned_code import ScanFault, ScanFaultKind

_FAULTS = {
    ScanFaultKind.TOO_SHORT: "SCAN-TOO-SHORT",
    ScanFaultKind.TOO_LONG: "SCAN-TOO-LONG",
    ScanFaultKind.UNPRINTABLE: "SCAN-UNPRINTABLE",
    ScanFaultKind.INCOMPLETE: "SCAN-INCOMPLETE",
}
_STATES = {
    CameraState.AWAY: "CAMERA-AWAY",
    CameraState.ENDED: "SCAN-NOTHING",
    CameraState.READY: "SCAN-NOTHING",
}


def refusal_of_scan(fault: ScanFault) -> Refusal:
    """Name why a scan is refused; its length is the only fact."""
    return Refusal.of(_FAULTS[fault.kind], length=fault.length)


def refusal_of_camera(state: CameraState) -> Refusal:
    """Name why a camera gave no code."""
    return Refusal(_STATES[state])
