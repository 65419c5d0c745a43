"""The window first: what is slow comes behind the sign-in, and whoever signs in at once is let in."""

from __future__ import annotations

import os
import threading

import pytest

from app.hall.training_staff import training_password
from app.journal.keys import machine_key_store
from app.services import books
from tests.open_face import STAFF_NO, face_on, wait_for_screen
from ui.clerk.flow import ClerkFlow

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@needs_display
def test_the_key_is_fetched_behind_the_sign_in_and_who_signs_in_at_once_is_let_in(
    tmp_path, province, qapp, qtbot, monkeypatch
):
    opened: list[ClerkFlow] = []
    fetched: list[tuple[bool, str]] = []

    def fetch(folder):
        fetched.append((opened[0].window.isVisible(), threading.current_thread().name))
        return machine_key_store(folder)

    monkeypatch.setattr(books, "machine_key_store", fetch)
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        opened.append(flow)
        assert flow.window.isVisible()
        assert not flow.opened
        flow.ready.connect(lambda: flow.sign_in.submitted.emit(STAFF_NO, training_password(), "3"))
        wait_for_screen(flow, qtbot, "workbench")
    assert fetched == [(True, "visit_0")]
