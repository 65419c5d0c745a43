"""Nothing that can block runs on the GUI thread: a visit on the real face, journal, hall and province, and watched."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit
from sqlalchemy import create_engine, text

from tests.gui.gui_thread_watch import GuiThreadWatch
from tests.open_face import PATIENCE_MS, face_on, sign_in, submit_loss, wait_for_screen

needs_display = pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display")


@pytest.fixture(scope="session")
def watch() -> GuiThreadWatch:
    return GuiThreadWatch()


@needs_display
def test_a_visit_blocks_nothing_on_the_gui_thread(tmp_path, province, qapp, qtbot, monkeypatch, watch):
    with face_on(tmp_path / "data", province, "gen3", qapp, qtbot) as face, watch.on(monkeypatch) as seen:
        flow = face.flow
        sign_in(flow, qtbot)
        for action in ("issue_number", "call_next", "recall"):
            flow.act(action)
            qtbot.waitUntil(lambda: not flow.busy, timeout=PATIENCE_MS)
        flow.act("read_card")
        wait_for_screen(flow, qtbot, "profile")
        visit = flow.counter.desk.in_hand.visit
        assert visit is not None
        personal = (visit.identity.name, visit.identity.citizen_number[6:14], visit.profile.phone)
        submit_loss(flow, qtbot)
        flow.act("print")
        qtbot.waitUntil(lambda: flow.service.printed.copies > 0, timeout=PATIENCE_MS)
        flow.act("sync_centre")
        wait_for_screen(flow, qtbot, "sync_centre")
        flow.act("finish")
        wait_for_screen(flow, qtbot, "workbench")
        left = [each.text() for kind in (QLabel, QLineEdit) for each in flow.window.findChildren(kind)]
        assert not [text for text in left for value in personal if value in text], "the last holder is forgotten"
        flow.act("sign_out")
        wait_for_screen(flow, qtbot, "sign_in")
    assert seen == []


@needs_display
@pytest.mark.expects_log
def test_a_province_that_goes_blocks_nothing_on_the_gui_thread(tmp_path, province, qapp, qtbot, monkeypatch, watch):
    with face_on(tmp_path / "data", province, "gen2", qapp, qtbot) as face, watch.on(monkeypatch) as seen:
        flow = face.flow
        sign_in(flow, qtbot)
        process = province.process
        process.kill()
        qtbot.waitUntil(lambda: flow.window.province_shown is False, timeout=PATIENCE_MS)
        flow.act("read_card")
        wait_for_screen(flow, qtbot, "profile")
    assert seen == []


def test_what_blocks_is_seen_on_the_gui_thread_and_only_there(tmp_path, monkeypatch, watch):
    def block() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
        sqlite3.connect(":memory:").close()
        subprocess.run([sys.executable, "-c", ""], check=True)
        with (tmp_path / "file").open("w") as file:
            os.fsync(file.fileno())
        time.sleep(0.001)
        engine = create_engine("sqlite://")
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        engine.dispose()
        late: Future[None] = Future()
        threading.Timer(0.01, late.set_result, (None,)).start()
        late.result()

    with watch.on(monkeypatch) as seen:
        block()
        here = [line.partition(" (")[0] for line in seen]
        seen.clear()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(block)
            while not running.done():
                threading.Event().wait(0.01)
            running.result()
        assert seen == []
    wanted = {"socket.bind", "sqlite3.connect", "subprocess.Popen", "fsync", "sleep", "SQL SELECT"}
    assert {*wanted, "waiting for a future"} <= set(here)
