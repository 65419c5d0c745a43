"""The clerk ends a visit while the province is being asked about it: the window goes on at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.programs import Province
from ui.theme.apply import apply_theme

SLOW_S = 4.0


@pytest.fixture(autouse=True)
def _theme(qapp) -> None:
    apply_theme(qapp)


def test_a_visit_ends_while_the_province_is_asked_and_its_late_reply_opens_nothing(
    tmp_path: Path, province: Province, qapp, qtbot
) -> None:
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face:
        flow = face.flow
        sign_in(flow, qtbot)
        for action in ("issue_number", "call_next"):
            flow.act(action)
            qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
        calls = flow.counter._workplace().calls
        assert flow.counter.desk.in_hand.ticket is not None
        province.post("/training/faults", {"path": "/v1/card-checks", "latency_ms": int(SLOW_S * 1000), "count": 1})
        flow.act("read_card")
        qtbot.waitUntil(lambda: bool(calls._under_way), timeout=PATIENCE_MS)
        time.sleep(0.3)
        flow.act("recall")
        began = time.monotonic()
        flow.act("finish")
        wait_for_screen(flow, qtbot, "workbench")
        assert time.monotonic() - began < SLOW_S / 2
        assert flow.counter.desk.in_hand.ticket is None
        qtbot.wait(int(SLOW_S * 1000))
        assert flow.window.screen_id == "workbench"
        assert flow.counter.desk.in_hand.visit is None
