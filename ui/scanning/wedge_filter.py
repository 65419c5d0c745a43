"""Feeds the wedge classifier with the keys of the window in front, whatever widget has the focus.

Keys are caught at the window, before any widget; what an input method makes of them is caught at the widget that has
the focus. Whatever turns out to be typed is handed on unchanged and in order, a scanner's gap later at most.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent

from hardware.scanners.wedge import Outcome, Scanned, Terminator, WedgeClassifier, WedgeRule

Deliver = Callable[[str, bool], None]
"""Takes a scan's text, and whether it is complete."""

_MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
)
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_TERMINATORS = {
    Qt.Key.Key_Return.value: Terminator.ENTER,
    Qt.Key.Key_Enter.value: Terminator.ENTER,
    Qt.Key.Key_Tab.value: Terminator.TAB,
}
_MARKS = str.maketrans("", "", "' ")
"""What input methods put between the syllables that they show; what they hand over has none of their own."""
_FULL_WIDTH = {0x3000: " "} | {0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)}
"""Full-width forms, each of which stands for one character of a keyboard; other signs may stand for several."""
_LOST = "\ufffd"


@dataclass(frozen=True)
class _Held:
    """A copy of an event that waits, and where it was going."""

    event: QKeyEvent | QInputMethodEvent
    target: QObject
    focus: QObject | None
    key: int | None


class WedgeFilter(QObject):
    """One an application; `deliver` is called on the GUI thread."""

    def __init__(self, rule: WedgeRule, deliver: Deliver, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._classifier: WedgeClassifier[_Held] = WedgeClassifier(rule)
        self._deliver = deliver
        self._watched: weakref.WeakSet[QObject] = weakref.WeakSet()
        self._handing_on = False
        self._resetting = False
        self._waiting: set[int] = set()
        self._swallowed: set[int] = set()
        self._preedit = ""
        self._shown_preedit = ""
        self._offset: float | None = None
        self._quiet = QTimer(self, singleShot=True, interval=int(rule.longest_gap * 1000) + 2)
        self._quiet.setTimerType(Qt.TimerType.PreciseTimer)
        # Keys that came while the program was busy are still queued: they go before the judgement.
        self._quiet.timeout.connect(lambda: QTimer.singleShot(0, self, self._judge))

    def start(self, application: QGuiApplication) -> None:
        """Watch the window and the widget that have the focus, now and whenever they change."""
        application.focusWindowChanged.connect(self.watch)
        application.focusObjectChanged.connect(self._watch_focus)
        self.watch(application.focusWindow())
        self._watch_focus(application.focusObject())

    def stop(self, application: QGuiApplication) -> None:
        """Watch nothing any more; what is held goes where it was going."""
        application.focusWindowChanged.disconnect(self.watch)
        application.focusObjectChanged.disconnect(self._watch_focus)
        for target in self._watched:
            if shiboken6.isValid(target):
                target.removeEventFilter(self)
        self._watched.clear()
        self._quiet.stop()
        self._settle(self._classifier.quiet(float("inf")), None)

    def watch(self, target: QObject | None) -> None:
        """Watch a window's keys, or a widget's input method."""
        if target is not None and target not in self._watched:
            self._watched.add(target)
            target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold, swallow or pass an event."""
        if self._handing_on:
            return False
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return watched.isWindowType() and self._pressed(watched, event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return watched.isWindowType() and self._released(watched, event)
        if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            return not watched.isWindowType() and self._composed(watched, event)
        return False

    def _watch_focus(self, focus: QObject | None) -> None:
        self._preedit = self._shown_preedit = ""
        self.watch(focus)

    def _pressed(self, window: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _MODIFIERS:
            return False
        at = self._time(event)
        item = _Held(_copy_key(event), window, QGuiApplication.focusObject(), key)
        self._swallowed.discard(key)
        if event.isAutoRepeat():
            return self._pass(self._classifier.other(at, item), item)
        if key in _TERMINATORS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            outcomes = self._classifier.terminator(_TERMINATORS[key], at, item)
            return self._pass(outcomes, item)
        text = event.text()
        command = event.modifiers() & _COMMAND
        # AltGr comes as Control with Alt and makes characters; each of them alone makes commands.
        typed = not command or command == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if len(text) == 1 and text.isprintable() and typed:
            self._waiting.add(key)
            return self._pass(self._classifier.character(text, at, item), item)
        return self._pass(self._classifier.other(at, item), item)

    def _released(self, window: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if key in self._waiting:
            item = _Held(_copy_key(event), window, QGuiApplication.focusObject(), None)
            return self._pass(self._classifier.companion(item), item)
        if key in self._swallowed:
            if not event.isAutoRepeat():
                self._swallowed.discard(key)
            return True
        return False

    def _composed(self, widget: QObject, event: QInputMethodEvent) -> bool:
        if self._resetting:
            return True
        item = _Held(_copy_composed(event), widget, widget, None)
        old, self._preedit = self._preedit, event.preeditString()
        new, lost = _brought(old, event.preeditString(), event.commitString())
        if new:
            return self._pass(self._classifier.character(new, time.monotonic(), item, lost=lost), item)
        return self._pass(self._classifier.companion(item), item)

    def _time(self, event: QKeyEvent) -> float:
        """Return when a key was struck, in monotonic seconds: a busy program gets keys late and all at once."""
        now, stamp = time.monotonic(), event.timestamp() / 1000
        if not stamp:
            return now
        if self._offset is None or now - stamp < self._offset or stamp + self._offset < now - 60:
            self._offset = now - stamp
        return stamp + self._offset

    def _judge(self) -> None:
        self._settle(self._classifier.quiet(time.monotonic()), None)
        if self._classifier.holds:
            self._quiet.start()

    def _pass(self, outcomes: tuple[Outcome[_Held], ...], current: _Held) -> bool:
        """Settle what was judged; return whether the current event stays here."""
        passes = self._settle(outcomes, current)
        if self._classifier.holds:
            self._quiet.start()
        else:
            self._quiet.stop()
        return not passes

    def _settle(self, outcomes: tuple[Outcome[_Held], ...], current: _Held | None) -> bool:
        passes = False
        for outcome in outcomes:
            if isinstance(outcome, Scanned):
                self._scanned(outcome)
                continue
            for item in outcome.items:
                if item is current:
                    passes = True
                    self._note(item)
                else:
                    self._hand_on(item)
        return passes

    def _hand_on(self, item: _Held) -> None:
        self._note(item)
        target = item.target
        if (
            isinstance(item.event, QKeyEvent)
            and item.focus is not None
            and item.focus is not QGuiApplication.focusObject()
        ):
            # The focus moved on meanwhile; what was typed belongs where it was typed.
            target = item.focus
        if not shiboken6.isValid(target):
            return
        self._handing_on = True
        try:
            QCoreApplication.sendEvent(target, item.event)
        finally:
            self._handing_on = False

    def _note(self, item: _Held) -> None:
        if item.key is not None:
            self._waiting.discard(item.key)
        if isinstance(item.event, QInputMethodEvent):
            self._shown_preedit = item.event.preeditString()

    def _scanned(self, scan: Scanned[_Held]) -> None:
        for item in scan.items:
            if item.key is not None:
                self._swallowed.add(item.key)
            elif isinstance(item.event, QKeyEvent):
                self._swallowed.discard(item.event.key())
        self._waiting.clear()
        if any(isinstance(item.event, QInputMethodEvent) for item in scan.items):
            self._end_composition(next(item.target for item in scan.items if isinstance(item.event, QInputMethodEvent)))
        self._deliver(scan.text, scan.complete)

    def _end_composition(self, widget: QObject) -> None:
        """Take the scanner's letters from the input method; those of the person before them stay, as letters."""
        self._resetting = True
        try:
            QGuiApplication.inputMethod().reset()
        finally:
            self._resetting = False
        kept, self._preedit, self._shown_preedit = self._shown_preedit, "", ""
        if kept and shiboken6.isValid(widget):
            event = QInputMethodEvent("", [])
            event.setCommitString(kept.translate(_MARKS))
            self._handing_on = True
            try:
                QCoreApplication.sendEvent(widget, event)
            finally:
                self._handing_on = False


def _brought(old: str, preedit: str, commit: str) -> tuple[str, bool]:
    """Return the characters that an input method took since its last event, and whether some cannot be known.

    Letters gather in the preedit; a digit or a sign picks a candidate and is gone. A mark alone behind them was typed.
    """
    before, now = old.translate(_MARKS), preedit.translate(_MARKS)
    if not commit:
        if now == before and len(preedit) > len(old) and preedit.startswith(old):
            return _LOST, True
        grown = now.removeprefix(before) if now.startswith(before) else ""
        return (grown, False) if grown.isascii() and grown.isprintable() else ("", False)
    plain = commit.translate(_FULL_WIDTH)
    if plain.isascii() and plain.isprintable() and plain.startswith(before):
        return plain.removeprefix(before) + now, False
    return _LOST, True


def _copy_key(event: QKeyEvent) -> QKeyEvent:
    copy = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
    copy.setTimestamp(event.timestamp())
    return copy


def _copy_composed(event: QInputMethodEvent) -> QInputMethodEvent:
    copy = QInputMethodEvent(event.preeditString(), event.attributes())
    copy.setCommitString(event.commitString(), event.replacementStart(), event.replacementLength())
    return copy
