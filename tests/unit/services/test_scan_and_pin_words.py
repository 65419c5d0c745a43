from __future__ import annotations

import pytest

from app.catalogue import sentences
from app.services.pin_outcomes import refusal_of_pin
from app.services.scan_faults import refusal_of_camera, refusal_of_scan
from hardware.camera.camera_state import CameraState
from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.scanners.scanned_code import ScanFault, ScanFaultKind, ScanSource


@pytest.mark.parametrize("kind", ScanFaultKind)
def test_every_refused_scan_has_its_sentence(kind):
    line = sentences.load().of(refusal_of_scan(ScanFault(kind, ScanSource.WEDGE, 7))).line
    assert "{" not in line


@pytest.mark.parametrize("state", CameraState)
def test_every_state_of_a_camera_has_its_sentence(state):
    assert sentences.load().of(refusal_of_camera(state)).line


@pytest.mark.parametrize("end", set(PinEnd) - {PinEnd.VERIFIED})
@pytest.mark.parametrize("left", [2, None])
def test_every_end_of_an_entry_speaks_of_the_social_password(end, left):
    refusal = refusal_of_pin(PinOutcome(end, left, "63C2"))
    assert refusal is not None
    line = sentences.load().of(refusal).line
    assert "{" not in line
    assert "None" not in line
    assert "银行密码" not in line


def test_the_tries_left_are_told():
    refusal = refusal_of_pin(PinOutcome(PinEnd.WRONG, 2, "63C2"))
    assert refusal is not None
    assert "2 次" in sentences.load().of(refusal).line
    assert refusal_of_pin(PinOutcome(PinEnd.VERIFIED)) is None
