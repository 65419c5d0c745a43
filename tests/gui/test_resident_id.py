"""⇧F2 in a real window: a resident ID on a serial reader opens its holder's profile."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from hardware.virtual.sdt_reader import IdCard
from tests.contract.hardware.resident_id.test_serial_reader import Line
from tests.contract.services.test_resident_id import HOLDER
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.unit.services.test_identify import holder

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")
SHIFT = Qt.KeyboardModifier.ShiftModifier


@needs_display
def test_shift_f2_opens_the_profile_of_the_ids_holder(tmp_path, province, qapp, qtbot, sentences, texts):
    line = Line()
    try:
        with face_on(tmp_path / "data", province, "gen2", qapp, qtbot, f'id_port = "{line.port}"\n') as face:
            flow = face.flow
            sign_in(flow, qtbot)
            flow.window.activateWindow()
            qtbot.waitUntil(flow.window.isActiveWindow, timeout=PATIENCE_MS)

            def said() -> list[str]:
                return [label.text() for label in flow.window.findChildren(QLabel) if label.isVisible()]

            qtbot.keyClick(flow.window, Qt.Key.Key_F2, SHIFT)
            empty = sentences.code("IDREADER-NO-CARD").text
            qtbot.waitUntil(lambda: any(empty in text for text in said()), timeout=PATIENCE_MS)
            line.reader.put(IdCard(HOLDER))
            qtbot.keyClick(flow.window, Qt.Key.Key_F2, SHIFT)
            qtbot.waitUntil(lambda: flow.counter.desk.in_hand.visit is not None, timeout=PATIENCE_MS)
            wait_for_screen(flow, qtbot, "profile")
            assert {holder("gen3").name, texts("ui.proof.name.resident_id"), texts("ui.proof.card.none")} <= set(said())
            assert flow.refused_code("20") == "CARD-NOT-AUTHENTICATED"
            if picture := os.environ.get("PICTURE"):
                flow.window.grab().save(picture)
            # The card of another person that is in the slot stays unread, and the ID on its reader need not be moved.
            before = flow.counter.desk.in_hand.visit
            qtbot.keyClick(flow.window, Qt.Key.Key_F5)
            qtbot.waitUntil(lambda: flow.counter.desk.in_hand.visit is not before, timeout=PATIENCE_MS)
            visit = flow.counter.desk.in_hand.visit
            assert visit is not None
            assert visit.identity.name == holder("gen3").name
    finally:
        line.close()
