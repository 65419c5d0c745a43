"""A trainee's phone at an open window: its code, scanned once, opens the holder's profile and is kept nowhere."""

from __future__ import annotations

import json
import logging
import os
import sys

import httpx
import pytest
from PySide6.QtWidgets import QLabel

from app.domain.refusal import Refusal
from app.training.ecard_phone import PAGE
from tests.contract.province.test_ecards import drawn_code
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.plugged_line import PluggedLine
from ui.clerk.face import Face

pytestmark = [
    pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display"),
    pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here"),
]
OPENED = "SELECT detail FROM audit WHERE event = 'visit.open' AND result = 'done' ORDER BY n"
EVERYTHING = "SELECT actor || event || detail FROM audit"


def holder(province, social: str) -> str:
    rows = province.get(f"/training/holders?social={social}&limit=200")
    return next(row["card_id"] for row in rows if row["person"] == "normal" and row["profile"] is None)


def phone(province, card_id: str, *authorised: str) -> str:
    """Authorise items on a holder's phone and read the code that it shows then."""
    page = f"{province.url}{PAGE}/{card_id}"
    if authorised:
        form = {"item": list(authorised)}
        assert httpx.post(f"{page}/authorise", data=form, trust_env=False).status_code == 303
    return drawn_code(httpx.get(page, trust_env=False).raise_for_status().text)


def scan(line: PluggedLine, code: str) -> None:
    os.write(line.scanner, code.encode() + b"\r\n")


def said(face: Face) -> str:
    window = face.flow.window
    return "\n".join([window.windowTitle(), *(label.text() for label in window.findChildren(QLabel))])


def test_a_scanned_code_opens_the_profile_and_is_kept_nowhere(tmp_path, province, qapp, qtbot, caplog, sentences):
    line = PluggedLine(tmp_path)
    line.put_in()
    data = tmp_path / "data"
    with (
        caplog.at_level(logging.DEBUG),
        face_on(data, province, "gen3", qapp, qtbot, f'scanner = "{line.path}"\n') as face,
    ):
        sign_in(face.flow, qtbot)
        qtbot.waitUntil(lambda: "扫码枪 可扫码" in said(face), timeout=PATIENCE_MS)

        paused = phone(province, holder(province, "lost_formal"))
        scan(line, paused)
        qtbot.waitUntil(lambda: sentences.of(Refusal("ECARD-PAUSED")).text in said(face), timeout=PATIENCE_MS)
        assert face.flow.counter.desk.in_hand.visit is None

        code = phone(province, holder(province, "lost_temporary"), "identity", "card")
        scan(line, code)
        counter = face.flow.counter
        qtbot.waitUntil(lambda: counter.desk.in_hand.visit is not None, timeout=PATIENCE_MS)
        wait_for_screen(face.flow, qtbot, "profile")
        visit = counter.desk.in_hand.visit
        given = visit.ecard
        assert given.items == ("identity", "card")
        assert visit.profile.insurances == ()
        assert f"电子社保卡授权 {given.number}" in said(face)
        assert "实名 电子社保卡" in said(face)

        ask = counter.journal.run
        opened = ask(lambda tx: tx._book.connection.exec_driver_sql(OPENED).scalars().all()).result()
        detail = json.loads(opened[-1])
        assert (detail["authorisation"], detail["items"]) == (given.number, "identity,card")
        assert (detail["purpose"], detail["valid_until"]) == (given.purpose, given.valid_until.isoformat())
        audited = "".join(ask(lambda tx: tx._book.connection.exec_driver_sql(EVERYTHING).scalars().all()).result())
        told = said(face) + repr(visit) + audited
    line.pull_out()
    for secret in (paused, code):
        assert secret not in told + caplog.text
        assert [file for file in data.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()] == []
