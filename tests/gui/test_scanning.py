"""Codes at an open window: from a scanner on a real line, from the camera's pictures, and typed by a wedge."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.domain.refusal import Refusal
from hardware.scanners.scanned_code import ScannedCode, ScanSource
from tests.open_face import PATIENCE_MS, face_on, sign_in, wait_for_screen
from tests.plugged_line import PluggedLine
from ui.clerk import face as face_module
from ui.clerk.face import Face

pytestmark = [
    pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a real window needs a display"),
    pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here"),
]
CODE = "YKT-350100A3-0123456789-abcDEF"
BLANK = 3
"""Pictures without a code before the first with one."""


@pytest.fixture
def heard(monkeypatch) -> list[object]:
    """What the one consumer of codes was given."""
    given: list[object] = []
    take = face_module._take

    def listening(flow, found):
        given.append(found)
        take(flow, found)

    monkeypatch.setattr(face_module, "_take", listening)
    return given


@pytest.fixture
def line(tmp_path) -> PluggedLine:
    return PluggedLine(tmp_path)


@pytest.fixture
def pictures(tmp_path):
    """A folder for the virtual camera; ends with the code held still for a while."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    drawn = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    code = np.asarray(memoryview(drawn), dtype=np.uint8)
    frame = np.full((480, 640), 255, np.uint8)
    for number in range(BLANK):
        Image.fromarray(frame).save(folder / f"{number:02}.png")
    frame[60 : 60 + code.shape[0], 100 : 100 + code.shape[1]] = code
    for number in range(BLANK, BLANK + 20):
        Image.fromarray(frame).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def open_window(tmp_path, province, qapp, qtbot):
    """Open a window that somebody has signed in at, by more lines of `counter.toml`."""

    def opened(*lines: str) -> Iterator[Face]:
        return face_on(tmp_path / "data", province, "gen3", qapp, qtbot, "".join(f"{line}\n" for line in lines))

    return opened


def at_work(face: Face, qtbot) -> None:
    sign_in(face.flow, qtbot)
    face.flow.window.activateWindow()
    qtbot.waitUntil(face.flow.window.isActiveWindow, timeout=PATIENCE_MS)


def said(face: Face) -> str:
    return "\n".join(label.text() for label in face.flow.window.findChildren(QLabel) if label.isVisible())


def shows(face: Face, qtbot, words: str) -> None:
    qtbot.waitUntil(lambda: words in said(face), timeout=PATIENCE_MS)


def look_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("camera-look", "code-camera")]


def test_the_consumer_hears_each_source_once_and_no_log_tells_the_code(
    open_window, line, pictures, heard, qtbot, caplog, sentences
):
    line.put_in()
    with (
        caplog.at_level(logging.DEBUG),
        open_window(f'scanner = "{line.path}"', f'camera = "virtual:{pictures}"') as face,
    ):
        at_work(face, qtbot)
        shows(face, qtbot, "扫码枪 可扫码")
        os.write(line.scanner, CODE.encode() + b"\r\n")
        qtbot.waitUntil(lambda: len(heard) == 1, timeout=PATIENCE_MS)
        shows(face, qtbot, sentences.of(Refusal("ECARD-CODE-UNKNOWN")).text)
        face.scans.router.forget()

        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: len(heard) == 2, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not look_threads() and not face.flow.screens.scan.looking, timeout=PATIENCE_MS)
        shows(face, qtbot, sentences.of(Refusal("ECARD-CODE-REPEATED")).text)
        face.scans.router.forget()

        window = face.flow.window.windowHandle()
        for letter in CODE:
            QTest.keyClick(window, letter)
        QTest.keyClick(window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: len(heard) == 3, timeout=PATIENCE_MS)
        QTest.qWait(300)
        assert CODE not in said(face)
    line.pull_out()
    sources = (ScanSource.SERIAL, ScanSource.CAMERA, ScanSource.WEDGE)
    assert heard == [ScannedCode(CODE, source) for source in sources]
    assert CODE not in caplog.text
    kept = [file for file in pictures.parent.rglob("*") if file.is_file() and CODE.encode() in file.read_bytes()]
    assert kept == []


def test_a_scanner_that_is_not_there_is_told_and_comes_back(open_window, line, heard, qtbot, sentences):
    with open_window(f'scanner = "{line.path}"') as face:
        at_work(face, qtbot)
        shows(face, qtbot, "扫码枪 未连接")
        line.put_in()
        shows(face, qtbot, "扫码枪 可扫码")
        shows(face, qtbot, sentences.of(Refusal("SCANNER-BACK")).text)
        line.pull_out()
        shows(face, qtbot, sentences.of(Refusal("SCANNER-AWAY")).text)
        shows(face, qtbot, "扫码枪 未连接")
        line.put_in()
        shows(face, qtbot, "扫码枪 可扫码")
        os.write(line.scanner, b"12345678\r")
        qtbot.waitUntil(lambda: heard == [ScannedCode("12345678", ScanSource.SERIAL)], timeout=PATIENCE_MS)
    line.pull_out()
    assert "serial-scanner" not in {thread.name for thread in threading.enumerate()}


def test_a_camera_that_is_not_there_is_told_and_esc_gives_it_up(open_window, heard, qtbot, sentences):
    # No machine of the tests has a sixty-fourth camera.
    with open_window("camera = 63", "camera_wait_s = 120") as face:
        at_work(face, qtbot)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        shows(face, qtbot, sentences.of(Refusal("CAMERA-AWAY")).text)
        panel = face.flow.screens.scan.panel
        assert panel.isVisible()
        qtbot.keyClick(face.flow.window, Qt.Key.Key_Escape)
        assert not panel.isVisible()
        qtbot.waitUntil(lambda: not look_threads(), timeout=PATIENCE_MS)
        QTest.qWait(50)
        assert sentences.of(Refusal("CAMERA-AWAY")).text not in said(face)
    assert heard == []


def test_a_camera_that_saw_no_code_is_told(open_window, tmp_path, heard, qtbot, sentences):
    (tmp_path / "dark").mkdir()
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(tmp_path / "dark" / "1.png")
    with open_window(f'camera = "virtual:{tmp_path / "dark"}"') as face:
        at_work(face, qtbot)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        shows(face, qtbot, sentences.of(Refusal("SCAN-NOTHING")).text)
        assert not face.flow.screens.scan.panel.isVisible()
    assert heard == []


def test_another_screen_gives_the_camera_back(open_window, qtbot):
    with open_window("camera = 63", "camera_wait_s = 120") as face:
        at_work(face, qtbot)
        qtbot.waitUntil(lambda: face.flow.card_ready, timeout=PATIENCE_MS)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: face.flow.screens.scan.panel.isVisible(), timeout=PATIENCE_MS)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F2)
        wait_for_screen(face.flow, qtbot, "profile")
        assert not face.flow.screens.scan.looking
        qtbot.waitUntil(lambda: not look_threads(), timeout=PATIENCE_MS)


def test_a_window_closed_while_the_camera_looks_leaves_no_thread(open_window, qtbot):
    with open_window("camera = 63", "camera_wait_s = 120") as face:
        at_work(face, qtbot)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: bool(look_threads()), timeout=PATIENCE_MS)
    assert look_threads() == []


def test_a_window_without_a_camera_says_so(open_window, qtbot, sentences):
    with open_window() as face:
        at_work(face, qtbot)
        qtbot.keyClick(face.flow.window, Qt.Key.Key_F3)
        shows(face, qtbot, sentences.of(Refusal("CAMERA-NOT-SET")).text)
        assert look_threads() == []
