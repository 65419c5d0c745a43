"""The province answers after the clerk's wait: paper, profile and counts say what holds now."""

from __future__ import annotations

import os

import pytest
from PySide6.QtWidgets import QLabel

from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.services.receipt_content import from_json
from app.services.views import ReceiptView
from tests.gui.test_visit_privacy import read_card
from tests.open_face import PATIENCE_MS, face_on, sign_in, submit_loss, wait_for_screen
from ui.clerk.flow import ClerkFlow

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


def result_of(flow: ClerkFlow) -> str:
    receipt = flow.service.printed
    assert isinstance(receipt, ReceiptView)
    return from_json(receipt.content).result


def print_once(flow: ClerkFlow, qtbot, copies: int) -> None:
    flow.act("print")
    qtbot.waitUntil(
        lambda: flow.service.printed.copies == copies and not flow.service.receipt.printing, timeout=PATIENCE_MS
    )


def go_dark(flow: ClerkFlow, qtbot, province) -> None:
    province.kill()
    qtbot.waitUntil(lambda: not flow.counter.circuit.online, timeout=PATIENCE_MS)


@needs_display
def test_a_receipt_that_is_not_paper_yet_is_written_anew(tmp_path, province, qapp, qtbot, texts):
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        read_card(flow, qtbot)
        go_dark(flow, qtbot, province)
        submit_loss(flow, qtbot)
        assert result_of(flow) == texts("receipt_words.result_offline")
        visit = flow.counter.desk.in_hand.visit
        assert [waits.acceptance_no for waits in visit.waiting] == [flow.service.acceptance.acceptance_no]
        province.start()
        applied = texts("receipt_words.result_applied_temporary_loss")
        qtbot.waitUntil(lambda: result_of(flow) == applied, timeout=PATIENCE_MS)
        assert not flow.service.receipt._message.text
        print_once(flow, qtbot, 1)
        assert result_of(flow) == applied
        # The profile was asked anew too.
        qtbot.waitUntil(lambda: flow.counter.desk.in_hand.visit.waiting == (), timeout=PATIENCE_MS)
        assert flow.counter.desk.in_hand.visit.profile.social is SocialState.LOST_TEMPORARY


@needs_display
def test_paper_that_was_given_before_the_answer_is_taken_back(tmp_path, province, qapp, qtbot, texts, sentences):
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        visit = read_card(flow, qtbot)
        go_dark(flow, qtbot, province)
        submit_loss(flow, qtbot)
        print_once(flow, qtbot, 1)
        province.start()
        province.post(f"/training/cards/{visit.identity.card_id}/state", {"social": "lost_formal"})
        qtbot.waitUntil(lambda: flow.service.acceptance.state is DeliveryState.CONFLICT, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: flow.service.printed.copies == 0, timeout=PATIENCE_MS)
        shown = flow.service.receipt
        assert shown._message.text.startswith(sentences.of(Refusal("RECEIPT-RENEWED")).text)
        print_once(flow, qtbot, 1)
        assert result_of(flow).startswith(texts("receipt_words.result_conflict", reason=""))


@needs_display
def test_what_waits_is_counted_while_the_province_is_away(tmp_path, province, qapp, qtbot, texts):
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        read_card(flow, qtbot)
        go_dark(flow, qtbot, province)
        submit_loss(flow, qtbot)
        flow.act("back")
        wait_for_screen(flow, qtbot, "profile")
        said = [label.text() for label in flow.screens.profile.findChildren(QLabel)]
        number = flow.service.acceptance.acceptance_no
        assert any(number in text.replace("\u200b", "") for text in said)
        again = flow.counter.desk.open_form("20")
        assert again == Refusal.of("OP-WAITING-HERE", number=number)
        flow.service.open("90")
        wait_for_screen(flow, qtbot, "form")
        for screen_id in ("review", "receipt"):
            flow.act("next")
            wait_for_screen(flow, qtbot, screen_id)
        qtbot.waitUntil(lambda: flow.pending == 2, timeout=PATIENCE_MS)


@needs_display
def test_a_name_that_cannot_be_decoded_is_told_and_proves_nothing(tmp_path, province, qapp, qtbot, texts):
    with face_on(tmp_path / "data", province, "bad-gbk", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        visit = read_card(flow, qtbot)
        assert visit.undecodable == ("name",)
        notice = flow.screens.profile.notice
        assert texts("verbs.card.field.name") in notice
        assert visit.identity.name_proof.value == "province"
        flow.act("issue_number")
        qtbot.waitUntil(lambda: texts("verbs.card.field.name") in flow.window._message.text, timeout=PATIENCE_MS)
