from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from hardware.pin_pad.pin_digits import PinDigits
from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.touch_entry import TouchEntry
from ui.widgets.shuffled_pad import ShuffledPad

WANTED = (3, 1, 4, 1, 5, 9)


@pytest.fixture
def pad(qtbot, texts, sentences):
    made = ShuffledPad(texts, sentences)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def press(pad, digits=WANTED):
    for digit in digits:
        QTest.mouseClick(pad._keys[pad._order.index(digit)], Qt.MouseButton.LeftButton)


def told(pad):
    """Gather everything that assistive technology or a walk over the window's objects can learn."""
    heard = []
    for thing in [pad, *pad.findChildren(QObject)]:
        meta = thing.metaObject()
        names = [meta.property(number).name() for number in range(meta.propertyCount())]
        wanted = {"text", "accessibleName", "accessibleDescription", "objectName", "toolTip", "windowTitle"}
        heard += [str(thing.property(name)) for name in names if name in wanted]
        own = [bytes(name).decode() for name in thing.dynamicPropertyNames()]
        # Qt keeps a font of its own there as soon as a window was styled.
        heard += [str(thing.property(name)) for name in own if not name.startswith("_q_")]
    return heard


def test_what_is_entered_is_handed_over_and_gone(pad):
    given = []
    pad.entered.connect(given.append)
    first = pad._order
    press(pad)
    QTest.mouseClick(pad._enter, Qt.MouseButton.LeftButton)
    (digits,) = given
    with digits, digits.ascii() as seen:
        assert bytes(seen) == b"314159"
    assert len(pad._digits) == 0
    assert sorted(pad._order) == sorted(first)


def test_the_order_is_new_at_each_entry(pad):
    orders = set()
    for _ in range(12):
        orders.add(pad._order)
        pad.hide()
        assert pad._order == ()
        pad.show()
    assert len(orders) > 8


def test_nobody_is_told_a_digit(pad, texts):
    before = told(pad)
    press(pad)
    after = told(pad)
    assert [key.text() for key in pad._keys] == [""] * 10
    changed = {new for old, new in zip(before, after, strict=True) if old != new}
    assert changed <= {"●" * 6, texts("ui.pad.count").format(count=6), "True"}
    names = [key.accessibleName() for key in pad._keys]
    assert names == [texts("ui.pad.key").format(place=place) for place in range(1, 11)]
    assert "314159" not in f"{pad!r}{pad._digits!r}{after}"


def test_hiding_the_pad_wipes(pad):
    press(pad)
    buffer = pad._digits._buffer
    pad.hide()
    assert bytes(buffer) == b""
    assert "●" not in "".join(label.text() for label in pad.findChildren(QLabel))


def test_a_keyboards_digits_are_refused(pad):
    pad._keys[0].setFocus()
    QTest.keyClicks(pad._keys[0], "314159")
    assert len(pad._digits) == 0
    assert "社保密码不能在窗口键盘上输入" in "".join(label.text() for label in pad.findChildren(QLabel))
    press(pad, WANTED[:1])
    assert "键盘" not in "".join(label.text() for label in pad.findChildren(QLabel) if label.isVisible())


def test_too_few_digits_cannot_be_handed_over_and_one_can_be_taken_back(pad):
    press(pad, (1, 2, 3, 4))
    assert pad._enter.isEnabled()
    QTest.mouseClick(pad._back, Qt.MouseButton.LeftButton)
    assert not pad._enter.isEnabled()


def test_the_words_are_ours(pad):
    words = "".join(widget.text() for kind in (QLabel, QPushButton) for widget in pad.findChildren(kind))
    assert "社保密码" in words
    assert "银行" not in words


def test_the_readers_thread_waits_for_the_holder(pad, qtbot):
    asked = threading.Event()
    entry = TouchEntry(asked.set, lambda: None, 10)
    pad.entered.connect(entry.hand_over)
    pad.cancelled.connect(entry.cancel)
    outcomes = []
    for act in (pad._enter, pad._cancel):
        asked.clear()
        thread = threading.Thread(target=lambda: outcomes.append(entry.enter()))
        thread.start()
        assert asked.wait(5)
        press(pad)
        QTest.mouseClick(act, Qt.MouseButton.LeftButton)
        thread.join(5)
    assert isinstance(outcomes[0], PinDigits)
    assert len(outcomes[0]) == 6
    assert outcomes[1] == PinOutcome(PinEnd.CANCELLED)
    outcomes[0].wipe()


def test_a_holder_who_goes_away_and_comes_back_late():
    entry = TouchEntry(lambda: None, lambda: None, 0.05)
    assert entry.enter() == PinOutcome(PinEnd.TIMED_OUT)
    late = PinDigits()
    late.press(1)
    entry.hand_over(late)
    assert entry.enter() == PinOutcome(PinEnd.TIMED_OUT)
    assert len(late) == 0
