"""Ctrl+N with a card in the reader, pressed in a real window over a real hall."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import load_profile
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from ui.clerk.flow import ClerkFlow

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")
CTRL = Qt.KeyboardModifier.ControlModifier


def said(flow: ClerkFlow) -> list[str]:
    return [label.text() for label in flow.window.findChildren(QLabel) if label.isVisible()]


@needs_display
def test_a_number_by_card_is_the_holders_and_another_card_is_told(tmp_path, province, qapp, qtbot, sentences):
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        qtbot.waitUntil(lambda: flow.card_ready, timeout=PATIENCE_MS)
        flow.window.activateWindow()
        qtbot.waitUntil(flow.window.isActiveWindow, timeout=PATIENCE_MS)

        def press(key: Qt.Key, modifier: Qt.KeyboardModifier, line: str) -> None:
            qtbot.keyClick(flow.window, key, modifier)
            qtbot.waitUntil(lambda: line in said(flow) and not flow.busy, timeout=PATIENCE_MS)

        press(Qt.Key.Key_N, CTRL, "号码 A001 · 郑**。")
        held = sentences.code("QUEUE-NUMBER-HELD").text
        press(Qt.Key.Key_N, CTRL, f"号码 A001 · 郑**。{held}请持卡人凭 A001 号等候。")
        press(Qt.Key.Key_F4, Qt.KeyboardModifier.NoModifier, "郑** · 社保卡业务")
        assert flow.counter.virtual_reader is not None
        flow.counter.virtual_reader.insert(VirtualCard(load_profile("gen2")))
        qtbot.keyClick(flow.window, Qt.Key.Key_F2)
        wait_for_screen(flow, qtbot, "profile")
        qtbot.waitUntil(lambda: flow.counter.desk.in_hand.visit is not None and not flow.busy, timeout=PATIENCE_MS)
        assert any(line.startswith("这张卡不是 A001 号取号人（郑**）的卡。") for line in said(flow))
        assert flow.window.screen_id == "profile"
