"""Nobody sees or serves the holder before: the lock holds, a failed reading ends the visit, screens forget."""

from __future__ import annotations

import os

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTableWidget, QWidget

from app.domain.refusal import Refusal
from app.hall.training_staff import training_password
from app.services.views import VisitView
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import load_profile
from tests.open_face import PATIENCE_MS, face_on, sign_in, submit_loss, wait_for_screen
from ui.clerk.flow import ClerkFlow

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


def read_card(flow: ClerkFlow, qtbot) -> VisitView:
    qtbot.waitUntil(lambda: flow.card_ready, timeout=PATIENCE_MS)
    flow.act("read_card")
    qtbot.waitUntil(lambda: flow.counter.desk.in_hand.visit is not None and not flow.busy, timeout=PATIENCE_MS)
    visit = flow.counter.desk.in_hand.visit
    assert visit is not None
    return visit


def words_of(widget: QWidget) -> list[str]:
    if isinstance(widget, QLabel | QLineEdit):
        return [widget.text(), widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
    if isinstance(widget, QTableWidget):
        cells = [widget.item(row, column) for row in range(widget.rowCount()) for column in range(widget.columnCount())]
        return [cell.text() for cell in cells if cell is not None]
    return [widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()]


def all_words() -> str:
    return "\n".join(word for widget in QApplication.allWidgets() for word in words_of(widget))


@needs_display
def test_an_answer_does_not_open_the_lock(tmp_path, province, qapp, qtbot):
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        read_card(flow, qtbot)
        flow.service.open("20")
        wait_for_screen(flow, qtbot, "form")
        flow.act("next")
        wait_for_screen(flow, qtbot, "review")
        for _ in range(2):
            flow.act("next")
            flow.act("lock")
            qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
            assert flow.window.screen_id == "lock"
            assert not flow.service.receipt.isVisible()
            flow.screens.lock.submitted.emit("wrong")
            qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
            assert flow.window.screen_id == "lock"
            flow.screens.lock.submitted.emit(training_password())
            wait_for_screen(flow, qtbot, "receipt")
        rows = flow.counter.journal.run(lambda tx: tx.audit_rows(100)).result()
        assert [row.result for row in rows if row.event == "staff.unlock"] == ["refused", "done"] * 2


@needs_display
@pytest.mark.parametrize("leave", ["finish", "sign_out"])
def test_no_widget_keeps_anything_of_the_holder(tmp_path, province, qapp, qtbot, leave):
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        visit = read_card(flow, qtbot)
        name, number = visit.identity.name, visit.identity.citizen_number
        assert name is not None
        assert number is not None
        submit_loss(flow, qtbot)
        assert name in all_words()
        flow.act(leave)
        wait_for_screen(flow, qtbot, "workbench" if leave == "finish" else "sign_in")
        told = (name, number, number[-4:])
        # Rows that were taken away are deleted by the loop a turn later.
        qtbot.waitUntil(lambda: not any(word in all_words() for word in told), timeout=5000)
        assert flow.service.printed is None


@needs_display
def test_a_card_that_cannot_be_read_ends_the_visit_before(tmp_path, province, qapp, qtbot, sentences):
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        read_card(flow, qtbot)
        assert flow.counter.virtual_reader is not None
        flow.counter.virtual_reader.insert(VirtualCard(load_profile("bad-tlv")))
        flow.act("read_card")
        qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
        flow.service.open("20")
        qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
        assert flow.window.screen_id == "profile"
        assert sentences.code("NO-VISIT").text in all_words()
        assert flow.counter.summary().pending == 0


@needs_display
def test_a_card_that_becomes_another_persons_leaves_the_screen(tmp_path, province, qapp, qtbot, monkeypatch):
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        visit = read_card(flow, qtbot)
        assert visit.identity.name is not None
        assert visit.identity.name in all_words()
        refusal = Refusal("CARD-PERSON-DIFFERS")
        monkeypatch.setattr(flow.counter.desk._identification, "renew", lambda _visit, _actor: refusal)
        flow.service.open("20")
        qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
        assert flow.window.screen_id == "profile"
        assert visit.identity.name not in all_words()
        assert flow.counter.desk.in_hand.visit is None
