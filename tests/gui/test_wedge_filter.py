"""Scans and typing by real key events on real widgets (ux.md, acceptance criteria 8 and 9)."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QTableWidget, QVBoxLayout, QWidget

from app.catalogue import wedge
from hardware.scanners.scanned_code import ScannedCode, ScanSource
from ui.scanning.scan_desk import ScanDesk
from ui.scanning.wedge_filter import WedgeFilter

CODE = "YKT-350100A3-0123456789-abcDEF"
GAP = int(wedge.load().longest_gap * 1000)
SETTLED = int(wedge.load().longest_pause * 1000) + 2 * GAP + 100


class Place:
    def __init__(self, qtbot):
        self.window = QWidget()
        self.line, self.other, self.page = QLineEdit(), QLineEdit(), QPlainTextEdit()
        self.table, self.button = QTableWidget(2, 2), QPushButton("读卡")
        self.pressed = []
        self.button.clicked.connect(lambda: self.pressed.append(True))
        layout = QVBoxLayout(self.window)
        for widget in (self.line, self.other, self.page, self.table, self.button):
            layout.addWidget(widget)
        self.scans = []
        self.filter = WedgeFilter(wedge.load(), lambda text, whole: self.scans.append((text, whole)))
        self.filter.start(QApplication.instance())
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.filter.watch(self.window.windowHandle())

    def focus(self, name):
        widget = getattr(self, name)
        widget.setFocus()
        self.filter.watch(widget)
        return widget

    def keys(self, text, gap=1):
        """Strike keys at the window, as the window system does."""
        for letter in text:
            QTest.keyClick(self.window.windowHandle(), letter)
            QTest.qWait(gap)

    def key(self, key):
        QTest.keyClick(self.window.windowHandle(), key)

    def compose(self, widget, preedit, commit=""):
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QCoreApplication.sendEvent(widget, event)

    def texts(self):
        cells = [self.table.item(row, column) for row in range(2) for column in range(2)]
        return [self.line.text(), self.page.toPlainText(), *(cell.text() for cell in cells if cell is not None)]


@pytest.fixture
def place(qtbot):
    made = Place(qtbot)
    yield made
    made.filter.stop(QApplication.instance())


@pytest.mark.parametrize("widget", ["line", "page", "table", "button"])
@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Tab, None])
def test_a_scan_goes_into_no_widget(place, widget, end):
    focused = place.focus(widget)
    place.keys(CODE)
    if end is not None:
        place.key(end)
    QTest.qWait(SETTLED)
    # The shipped table wants a terminator.
    assert place.scans == [(CODE, end is not None)]
    assert place.texts() == ["", ""]
    assert place.pressed == []
    assert QApplication.focusWidget() is focused


def test_what_a_person_types_arrives_in_order(place):
    place.focus("line")
    place.keys("wang 3", GAP + 60)
    place.key(Qt.Key.Key_Backspace)
    place.keys("4", GAP + 60)
    assert place.line.text() == "wang 4"
    assert place.scans == []


def test_a_quick_burst_too_short_for_a_code_is_typed_before_the_next_key(place):
    place.focus("line")
    place.keys("abc")
    place.key(Qt.Key.Key_Left)
    assert place.line.text() == "abc"
    assert place.line.cursorPosition() == 2
    place.keys("Z")
    QTest.qWait(SETTLED)
    assert place.line.text() == "abZc"


def test_what_was_typed_stays_where_it_was_typed(place):
    place.focus("line")
    place.keys("ab")
    place.focus("other")
    QTest.qWait(SETTLED)
    assert (place.line.text(), place.other.text()) == ("ab", "")


def test_typing_round_a_scan_is_kept(place):
    place.focus("line")
    place.keys("z3", GAP + 60)
    place.keys(CODE)
    place.key(Qt.Key.Key_Return)
    QTest.qWait(SETTLED)
    place.keys("y", GAP + 60)
    assert place.line.text() == "z3y"
    assert place.scans == [(CODE, True)]


def test_space_still_presses_a_button(place):
    place.focus("button")
    place.keys(" ", SETTLED)
    assert place.pressed == [True]


def test_letters_that_an_input_method_composes_are_a_scan(place):
    line = place.focus("line")
    for end in range(1, 13):
        place.compose(line, "ABCDEFGHIJKL"[:end])
        QTest.qWait(2)
    place.compose(line, "", "ABCDEFGHIJKL")
    place.keys("345678")
    place.key(Qt.Key.Key_Return)
    QTest.qWait(SETTLED)
    assert place.scans == [("ABCDEFGHIJKL345678", True)]
    assert line.text() == ""


def test_a_scan_whose_digit_chose_a_candidate_is_incomplete_and_leaks_nothing(place):
    line = place.focus("line")
    place.compose(line, "n")
    place.compose(line, "ni")
    place.compose(line, "", "你")
    place.keys("ABCDEFGHIJ")
    QTest.qWait(SETTLED)
    assert [whole for _, whole in place.scans] == [False]
    assert line.text() == ""


def test_a_person_who_composes_gets_the_character(place):
    line = place.focus("line")
    for preedit in ("n", "ni"):
        place.compose(line, preedit)
        QTest.qWait(GAP + 60)
    place.compose(line, "", "你")
    QTest.qWait(SETTLED)
    assert line.text() == "你"
    assert place.scans == []


def test_letters_composed_before_a_scan_stay(place):
    line = place.focus("line")
    for preedit in ("n", "ni"):
        place.compose(line, preedit)
        QTest.qWait(GAP + 60)
    for end in range(1, 13):
        place.compose(line, "ni" + "ABCDEFGHIJKL"[:end])
    place.key(Qt.Key.Key_Return)
    QTest.qWait(SETTLED)
    assert place.scans == [("ABCDEFGHIJKL", True)]
    assert line.text() == "ni"


def test_the_desk_hands_every_source_to_one_consumer_on_the_gui_thread(qtbot):
    heard = []
    desk = ScanDesk(
        QApplication.instance(), wedge.load(), lambda found: heard.append((found, threading.current_thread()))
    )
    try:
        camera = threading.Thread(target=lambda: desk.router.text(CODE, ScanSource.CAMERA))
        camera.start()
        camera.join()
        line = QLineEdit()
        qtbot.addWidget(line)
        line.show()
        qtbot.waitExposed(line)
        line.activateWindow()
        qtbot.waitUntil(line.isActiveWindow)
        for letter in CODE[::-1]:
            QTest.keyClick(line.windowHandle(), letter)
        QTest.keyClick(line.windowHandle(), Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: len(heard) == 2)
    finally:
        desk.close()
    assert [found for found, _ in heard] == [
        ScannedCode(CODE, ScanSource.CAMERA),
        ScannedCode(CODE[::-1], ScanSource.WEDGE),
    ]
    assert {thread for _, thread in heard} == {threading.main_thread()}
    assert line.text() == ""


@pytest.mark.parametrize(("taken", "whole"), [("……", False), ("ﬁ", False), ("'", True), (" ", True), ("－", True)])
def test_what_an_input_method_hands_over_is_told_exactly_or_as_lost(place, taken, whole):
    line = place.focus("line")
    for letter in [*"YKT20AB", taken, *"99XYZ1"]:
        place.compose(line, "", letter)
    place.key(Qt.Key.Key_Return)
    QTest.qWait(SETTLED)
    assert [found for _, found in place.scans] == [whole]
    assert not whole or place.scans[0][0] == f"YKT20AB{taken.replace('－', '-')}99XYZ1"
    assert line.text() == ""


def test_a_mark_typed_while_an_input_method_composes_is_lost_but_told(place):
    line = place.focus("line")
    for end in range(1, 10):
        place.compose(line, "ABCD'EFGH"[:end])
        QTest.qWait(2)
    place.compose(line, "", "ABCDEFGH")
    place.keys("345678")
    place.key(Qt.Key.Key_Return)
    QTest.qWait(SETTLED)
    assert [whole for _, whole in place.scans] == [False]
