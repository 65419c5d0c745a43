"""正式挂失 in the window: form, review with the steps under way, receipt; and what two persons have to settle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget

from app.domain.operation import DeliveryState
from app.journal.saga_values import Question
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.programs import Province
from ui import sample_values, tone_table
from ui.clerk.review import ReviewScreen
from ui.clerk.sync_centre import SyncCentreScreen
from ui.theme.apply import apply_theme


@pytest.fixture(autouse=True)
def _theme(qapp) -> None:
    apply_theme(qapp)


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    served = Province(tmp_path / "province")
    served.start()
    yield served
    served.kill()


def _said(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_from_form_to_receipt_with_the_step_under_way_and_its_seconds(tmp_path, province, qapp, qtbot, texts) -> None:
    province.post("/training/faults", {"path": "/bank/v1/losses", "latency_ms": 1500, "count": 1})
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        flow.act("read_card")
        wait_for_screen(flow, qtbot, "profile")
        flow.service.open("21")
        wait_for_screen(flow, qtbot, "form")
        flow.act("next")
        assert texts("fields.id_document") in flow.service.form.error_of("id_document")
        document = flow.service.form._fields["id_document"][1].edit
        assert isinstance(document, QComboBox)
        document.setCurrentIndex(document.findData("resident_id"))
        flow.act("next")
        wait_for_screen(flow, qtbot, "review")
        review = flow.service.review
        shown = [review._table.item(row, 0).text() for row in range(review._table.rowCount())]
        assert any("0103" in text for text in shown)
        flow.act("next")
        under_way = texts("ui.review.step", step=texts("sagas.steps.bank_loss"))
        after_a_second = f"{under_way} {texts('ui.busy.elapsed', seconds=1)}"
        qtbot.waitUntil(lambda: after_a_second in _said(review), timeout=PATIENCE_MS)
        wait_for_screen(flow, qtbot, "receipt")
        qtbot.waitUntil(lambda: flow.service.printed is not None, timeout=PATIENCE_MS)
        assert flow.service.acceptance is not None
        assert flow.service.acceptance.state is DeliveryState.APPLIED
        assert texts("receipt_words.title_formal_loss") in _said(flow.service.receipt)


def test_the_seconds_stop_with_the_submission(qtbot, texts, sentences) -> None:
    screen = ReviewScreen(texts, sentences)
    qtbot.addWidget(screen)
    screen.set_review(sample_values.review(texts))
    screen.set_step("elsewhere")
    assert not any("elsewhere" in text for text in _said(screen))
    screen.set_submitting(True)
    assert texts("ui.review.submitting") in _said(screen)
    screen.set_step(texts("sagas.steps.bank_release"))
    assert texts("ui.review.step", step=texts("sagas.steps.bank_release")) in _said(screen)
    screen.set_submitting(False)
    assert not screen._seconds.isActive()


def test_what_takes_two_persons_has_no_button_for_one(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    (task,) = sample_values.tasks()

    def buttons() -> list[str]:
        return [button.text() for button in screen.panel.findChildren(QPushButton)]

    asked = replace(task, two_persons_on="bank_loss", question=Question.HAPPENED)
    screen.set_rows(sample_values.outbox(), (asked,))
    said = _said(screen.panel)
    assert texts("ui.sync.two_persons", step=texts("sagas.steps.bank_loss")) in said
    assert buttons() == [texts("settlement.happened.yes"), texts("settlement.happened.no")]
    with qtbot.waitSignal(screen.two_wanted) as wanted, qtbot.assertNotEmitted(screen.task_closed):
        screen.panel.findChildren(QPushButton)[1].click()
    assert wanted.args == [task.op_id, "no"]
    screen.set_rows(sample_values.outbox(), (task,))
    assert buttons() == [texts("ui.two.conflict")]
    screen.set_rows(sample_values.outbox(), (replace(task, two_persons=False),))
    assert buttons() == [texts("ui.sync.settled")]
