"""Whoever signs in is shown with the roles that are theirs."""

from __future__ import annotations

import os

import pytest
from PySide6.QtWidgets import QLabel

from tests.open_face import face_on, sign_in, wait_for_screen

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@needs_display
def test_the_window_shows_the_roles_of_who_signed_in(tmp_path, province, qapp, qtbot):
    with face_on(tmp_path / "data", province, "gen1", qapp, qtbot) as face:
        flow = face.flow
        for staff_no, shown in (("0102", "周明远 · 复核岗 0102"), ("0317", "林晓 · 经办岗 0317")):
            sign_in(flow, qtbot, staff_no)
            assert shown in [label.text() for label in flow.window.findChildren(QLabel) if label.isVisible()]
            flow.act("sign_out")
            wait_for_screen(flow, qtbot, "sign_in")
