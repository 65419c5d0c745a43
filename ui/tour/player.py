"""Plays a script of key presses in the event loop and keeps what it saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

TICK_MS = 30
SETTLING = 5
"""How often one layout may ask for another before a picture is taken."""
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Until:
    """Wait until something is so; `what` names it when it never is."""

    what: str
    holds: Callable[[], bool]
    patience_s: float = PATIENCE_S


@dataclass(frozen=True)
class Press:
    """Press one key."""

    key: Qt.Key
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True)
class Type:
    """Type text into whatever has the focus."""

    text: str


@dataclass(frozen=True)
class Step:
    """A named step ends here: take a picture and note the time."""

    name: str
    op_id: str | None = None


Move = Until | Press | Type | Step
Script = Generator[Move, None, None]


@dataclass
class StepRecord:
    """One step as `tour.json` tells it."""

    name: str
    ok: bool
    ms: int
    screenshot: str
    op_id: str | None = None


@dataclass
class Player(QObject):
    """Draws one move after another from a script; the window's own event loop runs in between."""

    window: QWidget
    script: Script
    out: Path
    finished: Callable[[], None]
    records: list[StepRecord] = field(default_factory=list)
    failure: str | None = None

    def __post_init__(self) -> None:
        super().__init__(self.window)
        self._waiting: Until | None = None
        self._waiting_since = 0.0
        self._step_since = time.monotonic()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to play."""
        self._timer.start()

    def _tick(self) -> None:
        if self._waiting is not None and not self._still_waiting_over():
            return
        move = next(self.script, None)
        match move:
            case None:
                self._end()
            case Until():
                self._waiting, self._waiting_since = move, time.monotonic()
            case Press(key, modifier):
                QTest.keyClick(self._target(), key, modifier)
            case Type(text):
                QTest.keyClicks(self._target(), text)
            case Step(name, op_id):
                self._note(name, op_id, ok=True)

    def _still_waiting_over(self) -> bool:
        waiting = self._waiting
        assert waiting is not None
        if waiting.holds():
            self._waiting = None
            return True
        if time.monotonic() - self._waiting_since > waiting.patience_s:
            self.failure = waiting.what
            self._note(f"failed: {waiting.what}", None, ok=False)
            self._end()
        return False

    def _target(self) -> QWidget:
        return self.window.focusWidget() or self.window

    def _note(self, name: str, op_id: str | None, ok: bool) -> None:
        now = time.monotonic()
        picture = f"{len(self.records) + 1:02d}-{name.replace(' ', '-').replace(':', '')}.png"
        for _ in range(SETTLING):
            QApplication.sendPostedEvents()
        self.window.grab().save(str(self.out / picture))
        self.records.append(StepRecord(name, ok, round((now - self._step_since) * 1000), picture, op_id))
        self._step_since = now

    def _end(self) -> None:
        self._timer.stop()
        self.finished()
