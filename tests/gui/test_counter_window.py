"""The window: bars, keys, panels, announcements, and Tab round all of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.clock import HALL_ZONE
from app.domain.province_stop import Nearness, ProvinceStop, StopKind, ToldStop
from app.domain.work_limits import Measure, Reading, Standing
from app.journal import work_limit_table
from ui import key_table, sample_values
from ui.a11y.announcer import QtAnnouncer
from ui.a11y.focus_order import focus_order
from ui.clerk.counter_window import CounterWindow
from ui.clerk.key_help import KeyHelp
from ui.clerk.limit_words import limit_words
from ui.clerk.stop_words import stop_words
from ui.theme.apply import apply_theme
from ui.theme.tokens import Tone
from ui.widgets.data_table import data_table


class Spy:
    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []

    def say(self, text: str, *, at_once: bool = False) -> None:
        self.said.append((text, at_once))


@pytest.fixture
def spy() -> Spy:
    return Spy()


@pytest.fixture
def window(qtbot, qapp, texts, spy: Spy) -> CounterWindow:
    apply_theme(qapp)
    counter = CounterWindow(texts, key_table.load(), (("A", "社保卡业务"),), spy)
    qtbot.addWidget(counter)
    screen = QWidget()
    layout = QVBoxLayout(screen)
    layout.addWidget(QLineEdit("甲"))
    layout.addWidget(QPushButton("乙"))
    counter.show_screen("profile", screen, QPushButton("丙"))
    counter.show()
    qtbot.waitExposed(counter)
    counter.activateWindow()
    qtbot.waitUntil(counter.isActiveWindow)
    return counter


def _said(window: QWidget) -> list[str]:
    QApplication.processEvents()
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


def test_key_and_button_trigger_the_same_action_once(qtbot, window: CounterWindow) -> None:
    told: list[str] = []
    window.triggered.connect(told.append)
    qtbot.keyClick(window, Qt.Key.Key_F2)
    window._keys.button("read_card").click()
    assert told == ["read_card", "read_card"]


def test_key_of_another_screen_does_nothing(qtbot, window: CounterWindow) -> None:
    told: list[str] = []
    window.triggered.connect(told.append)
    qtbot.keyClick(window, Qt.Key.Key_F8)
    assert told == []
    window.show_screen("receipt", QWidget())
    qtbot.keyClick(window, Qt.Key.Key_F8)
    assert told == ["print"]


def test_every_key_that_is_not_held_has_its_shortcut(window: CounterWindow) -> None:
    bound = {each.objectName(): each.key().toString() for each in window.findChildren(QShortcut)}
    assert bound == {row.action: row.keys for row in key_table.load() if not row.hold}
    assert not any(each.autoRepeat() for each in window.findChildren(QShortcut))


@pytest.mark.parametrize("make", [QWidget, QLineEdit, QComboBox, QPushButton, lambda: data_table("清单", ("业务",))])
@pytest.mark.parametrize("let_go", [Qt.Key.Key_R, Qt.Key.Key_Control])
def test_held_key_shows_and_hides_wherever_the_focus_is(qtbot, texts, make, let_go: Qt.Key) -> None:
    window = CounterWindow(texts, key_table.load())
    qtbot.addWidget(window)
    focused = make()
    window.show_screen("form", focused)
    told: list[bool] = []
    window.reveal_held.connect(told.append)
    control = Qt.KeyboardModifier.ControlModifier
    QApplication.sendEvent(focused, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_R, control, "\x12"))
    assert told == [True]
    QApplication.sendEvent(focused, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_R, control, "\x12", autorep=True))
    qtbot.keyRelease(focused, let_go)
    qtbot.keyRelease(focused, Qt.Key.Key_Shift)
    assert told == [True, False]


def test_tab_goes_round_in_reading_order_and_back(qtbot, window: CounterWindow) -> None:
    order = focus_order(window)
    assert [type(widget).__name__ for widget in order[:3]] == ["QLineEdit", "QPushButton", "QPushButton"]
    order[0].setFocus()
    visited = []
    for _ in order:
        visited.append(window.focusWidget())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert visited == order
    assert window.focusWidget() is order[0]
    qtbot.keyClick(order[0], Qt.Key.Key_Backtab)
    assert window.focusWidget() is order[-1]


def test_widgets_made_later_are_reached_in_their_place(qtbot, window: CounterWindow) -> None:
    screen = window._workspace.currentWidget()
    late = QPushButton("后来")
    screen.layout().insertWidget(1, late)
    QApplication.processEvents()
    assert focus_order(window)[1] is late


def test_regions_are_reached_by_their_keys(qtbot, window: CounterWindow) -> None:
    for key, name in ((Qt.Key.Key_3, "丙"), (Qt.Key.Key_2, None), (Qt.Key.Key_5, None)):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        focused = QApplication.focusWidget()
        assert focused is not None
        if name is not None:
            assert focused.text() == name
    assert window._keys.isAncestorOf(QApplication.focusWidget())


def test_province_away_is_shown_and_announced_once(window: CounterWindow, spy: Spy, texts) -> None:
    window.set_province(True)
    assert spy.said == []
    window.set_province(False, "10:31")
    window.set_province(False, "10:31")
    banner = texts("ui.window.offline_banner", since="10:31")
    assert banner in _said(window)
    assert spy.said == [(banner, True)]
    window.set_province(True)
    assert banner not in _said(window)
    assert spy.said[1:] == [(texts("ui.window.back"), False)]


def test_message_is_shown_announced_and_taken_away(window: CounterWindow, spy: Spy, sentences) -> None:
    sentence = sentences.code("NO-VISIT")
    window.set_message(sentence, Tone.WARN)
    assert f"{sentence.text}{sentence.remedy}" in _said(window)
    assert spy.said == [(f"{sentence.text}{sentence.remedy}", False)]
    window.set_message(None)
    assert f"{sentence.text}{sentence.remedy}" not in _said(window)


def test_what_waits_is_told_in_words(window: CounterWindow, texts) -> None:
    window.set_outbox(0, 0, 0)
    assert texts("ui.window.synced") in _said(window)
    window.set_outbox(3, 700, 0)
    assert texts("ui.window.to_send", count=3) in _said(window)
    assert any("11" in text and texts("ui.window.pending", count=3) in text for text in _said(window))
    window.set_outbox(3, 700, 1)
    assert texts("ui.window.tasks", count=1) in _said(window)


def test_a_locked_window_tells_a_message_once_it_is_unlocked(window: CounterWindow, spy: Spy, sentences) -> None:
    sentence = sentences.code("NO-VISIT")
    told = f"{sentence.text}{sentence.remedy}"
    window.show_screen("workbench", QWidget())
    window.lock(QWidget())
    heard = list(spy.said)
    window.announce("卡在位")
    window.set_message(sentence)
    assert told not in _said(window)
    assert spy.said == heard
    assert window.unlock() == "workbench"
    assert told in _said(window)


def test_queue_and_devices_are_shown(window: CounterWindow, texts) -> None:
    window.set_queue(sample_values.queue())
    window.set_devices(sample_values.DEVICES)
    said = _said(window)
    assert {"A012", "Y003", "A014", "7", "读卡器 卡在位"} <= set(said)
    window.set_queue(sample_values.queue(serving=False, empty=True))
    window.set_devices(sample_values.DEVICES[:2])
    said = _said(window)
    assert "A012" not in said
    assert texts("ui.queue.nobody") in said
    assert not any("回执打印机" in text for text in said)


def test_before_sign_in_no_queue_is_seen(window: CounterWindow) -> None:
    window.set_queue(sample_values.queue())
    window.show_screen("sign_in", QWidget())
    assert "A012" not in _said(window)
    assert window.screen_id == "sign_in"


def test_help_stands_beside_the_work_until_it_is_closed(qtbot, window: CounterWindow, texts) -> None:
    table = key_table.load()
    panel = KeyHelp(texts, table)
    panel.set_screen("profile")
    panel.closed.connect(window.hide_side)
    window.show_side(panel)
    assert set(_said(panel)) >= {row.shown for row in table} | {texts(row.label) for row in table}
    panel.focus_first()
    assert not any(widget.isModal() for widget in QApplication.topLevelWidgets() if widget.isVisible())
    panel.closed.emit()
    assert not panel.isVisible()


def test_training_and_actor_are_marked(window: CounterWindow, texts) -> None:
    window.set_training(True)
    window.set_actor("林晓", "经办岗", "0317")
    window.set_hall("鼓楼区政务服务中心", "3")
    window.set_clock("10:42")
    assert {texts("ui.window.training"), "林晓 · 经办岗 0317", "鼓楼区政务服务中心", "10:42"} <= set(_said(window))


def test_closing_is_told(qtbot, window: CounterWindow) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()


def test_announcer_posts_without_a_screen_reader(window: CounterWindow) -> None:
    announcer = QtAnnouncer(window)
    announcer.say("卡片已读取。")
    announcer.say("省平台未连接。", at_once=True)
    announcer.say("")
    assert QApplication.focusWidget() is window.focusWidget()


@pytest.mark.parametrize("nearness", list(Nearness))
def test_an_announced_stop_is_a_banner_that_is_announced_once(
    window: CounterWindow, spy: Spy, texts, nearness: Nearness
) -> None:
    starts = datetime(2026, 11, 22, 23, 30, tzinfo=HALL_ZONE)
    stop = ProvinceStop(StopKind.NIGHTLY, starts, starts + timedelta(hours=1))
    words = stop_words(texts, ToldStop(stop, nearness))
    for _ in range(2):
        window.set_stop(*words)
    assert spy.said == [(words[0], False)]
    assert words[0] in _said(window)
    assert "11-23 00:30" in words[0]
    assert texts("ui.stop.kind.nightly") in words[0]
    window.set_stop(*stop_words(texts, None))
    assert words[0] not in _said(window)


def test_a_limit_is_a_chip_first_and_a_banner_that_is_announced_once_when_it_is_urgent(
    window: CounterWindow, spy: Spy, texts, sentences
) -> None:
    table = work_limit_table.load()

    def show(value: float) -> str:
        words = limit_words(texts, sentences, Standing((Reading(table[Measure.COUNT], value),)))
        window.set_limits(words)
        return words.banner

    assert show(499) == ""
    assert spy.said == []
    assert show(500) == ""
    assert texts("ui.limit.count.warn") in _said(window)
    assert spy.said == []
    urgent = show(800)
    assert {texts("ui.limit.count.urge"), urgent} <= set(_said(window))
    assert show(800) == urgent
    assert spy.said == [(urgent, False)]
    full = show(1000)
    assert {texts("ui.limit.count.stop"), full} <= set(_said(window))
    assert spy.said == [(urgent, False), (full, True)]
    show(3)
    assert not {texts("ui.limit.count.stop"), full} & set(_said(window))
