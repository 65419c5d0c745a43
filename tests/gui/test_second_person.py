"""A second person signs in place and by keyboard alone: on a review, and where two settle what came back."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from app.catalogue import services
from app.catalogue.services import SecondPerson
from app.domain.op_id import new_op_id
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.hall.training_staff import training_password
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.unit.journal.scenery import StillClock, operation
from ui import sample_values, tone_table
from ui.clerk.flow import ClerkFlow
from ui.clerk.review import ReviewScreen
from ui.clerk.second_person import SecondPersonCard
from ui.clerk.settle import SettleScreen
from ui.clerk.sync_centre import SyncCentreScreen
from ui.theme.apply import apply_theme
from ui.widgets.masked_label import masked

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@pytest.fixture(autouse=True)
def _theme(qapp) -> None:
    apply_theme(qapp)


def said(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def entries(card: QWidget) -> list[QLineEdit]:
    return card.findChildren(QLineEdit)


@pytest.fixture
def card(qtbot, texts, sentences) -> SecondPersonCard:
    made = SecondPersonCard(texts, sentences)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_number_and_password_are_typed_and_sent_with_enter(qtbot, texts, sentences, card) -> None:
    staff, password = entries(card)
    assert password.echoMode() is QLineEdit.EchoMode.Password
    with qtbot.assertNotEmitted(card.submitted):
        card.submit()
    missing = Refusal.of("FIELD-REQUIRED", field=texts("ui.second_person.staff_no"))
    assert sentences.of(missing).text in said(card)
    qtbot.keyClicks(staff, " 0102 ")
    qtbot.keyClicks(password, "a secret")
    with qtbot.waitSignal(card.submitted) as sent:
        qtbot.keyClick(password, Qt.Key.Key_Return)
    assert sent.args == ["0102", "a secret"]
    card.set_busy(True)
    with qtbot.assertNotEmitted(card.submitted):
        card.submit()
    card.set_problem(Refusal("SECOND-PERSON-SAME"))
    assert (staff.text(), password.text()) == (" 0102 ", "")
    assert sentences.code("SECOND-PERSON-SAME").text in "".join(said(card))


def test_the_remaining_time_is_told_and_a_signature_runs_out(qtbot, texts, sentences, card) -> None:
    staff, password = entries(card)
    qtbot.keyClicks(password, "a secret")
    with qtbot.waitSignal(card.changed):
        card.set_approval(sample_values.approval())
    assert (staff.text(), password.text(), staff.isVisible()) == ("", "", False)
    assert texts("ui.second_person.who", name="周明远", staff_no="0102") in said(card)
    assert texts("ui.second_person.left", minutes=10, seconds="00") in said(card)
    with qtbot.assertNotEmitted(card.submitted):
        card.submit()
    with qtbot.waitSignal(card.changed):
        card.set_approval(dataclasses.replace(sample_values.approval(), valid_s=0.0))
    assert card.approval is None
    assert sentences.code("APPROVAL-LATE").text in "".join(said(card))
    assert staff.isVisible()
    assert not card._seconds.isActive()


@pytest.mark.parametrize("make", [ReviewScreen, SettleScreen])
def test_nothing_is_confirmed_before_it_is_signed(qtbot, texts, sentences, make) -> None:
    screen = make(texts, sentences)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    if isinstance(screen, ReviewScreen):
        screen.set_review(sample_values.review(texts))
        assert screen.second.isHidden()
        screen.set_review(sample_values.review_by_two(texts))
    else:
        screen.set_lines(sample_values.settlement(texts))
    with qtbot.assertNotEmitted(screen.confirmed):
        screen.confirm()
    assert sentences.code("SECOND-PERSON-NEEDED").text in "".join(said(screen))
    with qtbot.waitSignal(screen.signed) as typed:
        screen.second.submitted.emit("0102", "a secret")
    assert typed.args[-2:] == ["0102", "a secret"]
    screen.second.set_approval(sample_values.approval())
    with qtbot.waitSignal(screen.confirmed):
        screen.confirm()
    with qtbot.assertNotEmitted(screen.confirmed):
        screen.confirm()
    screen.set_refused(Refusal("TASK-CLOSED"))
    assert sentences.code("TASK-CLOSED").text in "".join(said(screen))
    screen.forget()
    assert screen.second.approval is None


def test_the_holders_number_is_masked_while_two_settle(qtbot, texts, sentences) -> None:
    screen = SettleScreen(texts, sentences)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_lines(sample_values.settlement(texts))
    number = sample_values.CITIZEN_NUMBER

    def cells() -> list[str]:
        return [screen.table.item(row, 1).text() for row in range(screen.table.rowCount())]

    assert masked("citizen_number", number) in cells()
    assert number not in cells()
    screen.set_revealed(True)
    assert number in cells()
    screen.forget()
    assert screen.table.rowCount() == 0


def test_a_sampled_command_is_shown_and_ticked_off(qtbot, texts, sentences) -> None:
    screen = SyncCentreScreen(texts, sentences, tone_table.load())
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.set_rows((), ())
    screen.set_samples(sample_values.samples())
    assert {texts("ui.sample.title"), texts("services.release_loss")} <= set(said(screen.panel))
    (button,) = screen.panel.findChildren(QPushButton)
    with qtbot.waitSignal(screen.sample_ticked) as ticked:
        button.click()
    assert ticked.args == list(sample_values.samples())
    screen.set_samples(sample_values.samples())
    assert screen.panel.findChildren(QPushButton) == [button]
    screen.set_samples(())
    assert texts("ui.sample.title") not in said(screen.panel)


def type_signature(flow: ClerkFlow, qtbot) -> None:
    """Press F12, type number and password of the reviewer, and Enter: nothing but keys."""
    QTest.keyClick(flow.window, Qt.Key.Key_F12)
    QTest.keyClicks(QApplication.focusWidget(), "0102")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    QTest.keyClicks(QApplication.focusWidget(), training_password())
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QPushButton) and not flow.busy, timeout=PATIENCE_MS)


@needs_display
def test_by_keys_alone_a_loss_is_signed_and_a_conflict_is_settled(
    tmp_path: Path, province, qapp, qtbot, monkeypatch
) -> None:
    national = services.load()
    loss = national.commands["register_temporary_loss"]
    by_two = dataclasses.replace(loss, second_person=SecondPerson.NOW, approvers=frozenset({"reviewer"}))
    changed = dataclasses.replace(national, commands={**national.commands, loss.name: by_two})
    monkeypatch.setattr(services, "load", lambda: changed)
    aside = dataclasses.replace(operation(StillClock()), order_key="somebody-else")
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        flow.act("read_card")
        wait_for_screen(flow, qtbot, "profile")
        flow.service.open("20")
        wait_for_screen(flow, qtbot, "form")
        flow.act("next")
        wait_for_screen(flow, qtbot, "review")
        QTest.keyClick(flow.window, Qt.Key.Key_F9)
        assert flow.window.screen_id == "review"
        assert not flow.busy
        type_signature(flow, qtbot)
        QTest.keyClick(flow.window, Qt.Key.Key_F9)
        wait_for_screen(flow, qtbot, "receipt")
        qtbot.waitUntil(lambda: flow.service.printed is not None, timeout=PATIENCE_MS)

        aside = dataclasses.replace(aside, op_id=new_op_id(aside.occurred.wall))

        def set_aside(tx) -> None:
            tx.enqueue(aside, (Destination.PROVINCE,))
            tx.set_aside(aside.op_id, Destination.PROVINCE, "OP-TOO-OLD")

        flow.counter.journal.run(set_aside).result()
        QTest.keyClick(flow.window, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
        panel = flow.screens.sync.screen.panel
        # A new button takes the focus once the loop has laid it out.
        qtbot.waitUntil(lambda: any(each.isVisible() for each in panel.findChildren(QPushButton)), timeout=PATIENCE_MS)
        QTest.keyClick(flow.window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        wait_for_screen(flow, qtbot, "settle")
        type_signature(flow, qtbot)
        QTest.keyClick(flow.window, Qt.Key.Key_F9)
        wait_for_screen(flow, qtbot, "sync_centre")
        qtbot.waitUntil(lambda: not panel.findChildren(QPushButton), timeout=PATIENCE_MS)
        rows = flow.counter.journal.run(lambda tx: tx.audit_rows(50)).result()
        done = {row.event: row for row in rows if row.result == "done"}
        assert '"second_person":"0102"' in done[loss.audit].detail
        assert '"second_person":"0102"' in done["outbox.conflict_closed"].detail
        assert flow.counter.summary().tasks == 0
