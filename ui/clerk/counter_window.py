"""The counter's window: bars, strip, workspace and panel; shows what it is given and says what was pressed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

import resources
from app.catalogue.sentences import Sentence
from app.catalogue.texts import Texts
from ui.a11y.announcer import Announcer, QtAnnouncer
from ui.a11y.focus_order import focus_order, move_focus, scroll_to
from ui.clerk.limit_words import LimitWords
from ui.clerk.status_row import StatusRow
from ui.clerk.top_bar import TopBar
from ui.key_table import Action, KeyRow
from ui.theme.apply import scale_in_use
from ui.theme.tokens import Tone
from ui.widgets.banner import Banner
from ui.widgets.device_light import DeviceView
from ui.widgets.key_bar import KeyBar
from ui.widgets.message_line import MessageLine
from ui.widgets.scroll_page import scroll_page

if TYPE_CHECKING:
    from app.services.views import QueueView
    from ui.clerk.queue_strip import QueueStrip

LEAST_SIZE = (1366, 768)
STRIP_WIDTH = 240
SIDE_WIDTH = 292


class CounterWindow(QWidget):
    """A pure view: setters take values, most of `app/services/views.py`; signals say what the clerk did."""

    triggered = Signal(str)
    """An `Action` by key or by its button."""
    reveal_held = Signal(bool)
    """The key that shows numbers went down or up."""
    closing = Signal()

    def __init__(
        self,
        texts: Texts,
        table: tuple[KeyRow, ...],
        groups: tuple[tuple[str, str], ...] = (),
        announcer: Announcer | None = None,
    ) -> None:
        super().__init__()
        self._texts = texts
        self._table = table
        self._screen_id = ""
        self._behind: str | None = None
        self._held: tuple[Sentence | None, Tone] | None = None
        self._announcer: Announcer = announcer or QtAnnouncer(self)
        self._online = True
        self.setWindowTitle(texts("ui.window.title"))
        self.setWindowIcon(QIcon(str(resources.path("icons", "yikatong.svg"))))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._top = TopBar(texts)
        self._offline = Banner(Tone.WARN)
        self._limits = Banner(Tone.WARN)
        self._stop = Banner(Tone.INFO)
        self._message = MessageLine()
        for line in (self._offline, self._stop, self._limits, self._message):
            line.setProperty("edge", "true")
        self._groups = groups
        self._workspace = QStackedWidget()
        self._middle = QHBoxLayout()
        self._strip_area: QScrollArea | None = None
        self._side_area: QScrollArea | None = None
        self._context: QWidget | None = None
        self._status = StatusRow(texts)
        self._keys = KeyBar(texts, table)
        self._keys.pressed.connect(self._trigger)
        self._keys.held.connect(lambda _action, held: self.reveal_held.emit(held))
        self._shortcuts = {row.action: self._shortcut(row) for row in table if not row.hold}
        self._hold_key = next((QKeySequence(row.keys)[0] for row in table if row.hold), None)
        self._holding = False
        self._lay_out()
        self.resize(*LEAST_SIZE)

    def _lay_out(self) -> None:
        self._middle.setSpacing(0)
        self._middle.addWidget(self._workspace, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._top, self._offline, self._stop, self._limits, self._message):
            layout.addWidget(widget)
        layout.addLayout(self._middle, 1)
        layout.addWidget(self._status)
        layout.addWidget(self._keys)

    @cached_property
    def _strip(self) -> QueueStrip:
        from ui.clerk.queue_strip import QueueStrip

        return QueueStrip(self._texts, self._groups)

    @cached_property
    def _panels(self) -> QStackedWidget:
        return QStackedWidget()

    def _strip_page(self) -> QScrollArea:
        # The sign-in has neither strip nor panel, and does not wait for them.
        if self._strip_area is None:
            self._strip_area = _side(self._strip, STRIP_WIDTH)
            self._middle.insertWidget(0, self._strip_area)
        return self._strip_area

    def _side_page(self) -> QScrollArea:
        if self._side_area is None:
            frame = QFrame()
            frame.setProperty("surface", "side-right")
            layout = QVBoxLayout(frame)
            layout.setContentsMargins(14, 14, 14, 14)
            layout.addWidget(self._panels)
            self._side_area = _side(frame, SIDE_WIDTH)
            self._middle.addWidget(self._side_area)
        return self._side_area

    def _shortcut(self, row: KeyRow) -> QShortcut:
        shortcut = QShortcut(QKeySequence(row.keys), self)
        shortcut.setObjectName(str(row.action))
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda action=str(row.action): self._trigger(action))
        return shortcut

    def _trigger(self, action: str) -> None:
        regions: dict[str, QWidget] = {
            Action.REGION_WORK: self._workspace,
            Action.REGION_SIDE: self._panels,
            Action.REGION_KEYS: self._keys,
        }
        if action in regions:
            _focus_first_in(regions[action])
        else:
            self.triggered.emit(action)

    def lock(self, screen: QWidget) -> None:
        """Show the lock, and nothing else until `unlock`."""
        left = self._screen_id
        self.show_screen("lock", screen)
        self._behind = left

    def unlock(self) -> str:
        """Let screens be shown again; returns which one should be."""
        behind, self._behind = self._behind, None
        held, self._held = self._held, None
        if held is not None:
            self.set_message(*held)
        return behind or self._screen_id

    @property
    def locked(self) -> bool:
        """Tell whether the window is locked."""
        return self._behind is not None

    def show_screen(self, screen_id: str, screen: QWidget, panel: QWidget | None = None) -> None:
        """Show a screen and its panel; its keys are those that the table names for `screen_id`.

        While the window is locked it is only remembered as the one to go on with.
        """
        if self._behind is not None:
            self._behind = screen_id
            return
        self._screen_id = screen_id
        _put(self._workspace, screen)
        self._context = panel
        self.hide_side()
        at_work = screen_id not in ("sign_in", "lock")
        if at_work:
            self._strip_page().show()
        elif self._strip_area is not None:
            self._strip_area.hide()
        self._status.setVisible(at_work)
        self.set_available(row.action for row in self._table if row.acts_on(screen_id))

    def show_side(self, panel: QWidget) -> None:
        """Show another panel at the right, such as the keys or the palette, until `hide_side`."""
        _put(self._panels, panel)
        self._side_page().show()

    def hide_side(self) -> None:
        """Show the screen's own panel again."""
        if self._context is not None:
            self.show_side(self._context)
        elif self._side_area is not None:
            self._side_area.hide()

    @property
    def screen_id(self) -> str:
        """Return which screen is shown."""
        return self._screen_id

    @property
    def province_shown(self) -> bool:
        """Return what the window says of the province."""
        return self._online

    def set_available(self, actions: Iterable[str]) -> None:
        """Let exactly these actions be triggered by key or button."""
        available = set(actions)
        self._keys.set_available(available)
        for action, shortcut in self._shortcuts.items():
            shortcut.setEnabled(action in available)

    def set_hall(self, hall: str, window: str) -> None:
        """Show the hall's name and the window's number."""
        self._top.set_hall(hall, window)

    def set_actor(self, name: str, role: str, staff_no: str) -> None:
        """Show who works; empty for nobody."""
        self._top.set_actor(name, role, staff_no)

    def set_clock(self, text: str) -> None:
        """Show the time."""
        self._top.set_clock(text)

    def set_training(self, training: bool) -> None:
        """Mark the window as training with fictional people."""
        self._top.set_training(training)

    def set_province(self, online: bool, since: str = "") -> None:
        """Show and announce whether the province is there; `since` is a time of day."""
        self._top.set_province(online)
        self._offline.show_text("" if online else self._texts("ui.window.offline_banner", since=since or "—"))
        if online != self._online:
            self._announcer.say(self._texts("ui.window.back") if online else self._offline.text, at_once=not online)
        self._online = online

    def set_outbox(self, pending: int, oldest_age_s: float, tasks: int) -> None:
        """Show what waits for the province, and for a person."""
        self._top.set_outbox(pending, oldest_age_s)
        self._status.set_outbox(pending, tasks)

    def set_limits(self, words: LimitWords) -> None:
        """Show how near the limits of work without the province are; announce one that became urgent."""
        self._top.set_limit(words.chip, words.tone)
        if words.banner and words.banner != self._limits.text:
            self._announcer.say(words.banner, at_once=words.tone is Tone.ERROR)
        self._limits.show_text(words.banner, words.tone)

    def set_stop(self, text: str, tone: Tone) -> None:
        """Show and announce a stop that the province has announced; empty for none."""
        if text and text != self._stop.text:
            self._announcer.say(text, at_once=False)
        self._stop.show_text(text, tone)

    def set_copy(self, text: str, tone: Tone) -> None:
        """Show how far the journal's second place is behind."""
        self._status.set_copy(text, tone)

    def set_queue(self, view: QueueView) -> None:
        """Show the queue."""
        self._strip.set_queue(view)

    def set_devices(self, devices: tuple[DeviceView, ...]) -> None:
        """Show a light for each device."""
        self._status.set_devices(devices)

    def set_message(self, sentence: Sentence | None, tone: Tone = Tone.ERROR) -> None:
        """Show and announce a sentence above the work, or take it away; a locked window tells it once unlocked."""
        if self._behind is not None:
            self._held = (sentence, tone)
        elif sentence is None:
            self._message.clear()
        else:
            self._message.show_sentence(sentence, tone)
            self._announcer.say(self._message.text, at_once=tone is Tone.ERROR)

    def announce(self, text: str) -> None:
        """Say a change to a screen reader without moving the focus; a locked window says nothing of its work."""
        if self._behind is None:
            self._announcer.say(text)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Move the focus in reading order, whenever the widgets were made."""
        return move_focus(self, forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin to show numbers while their key is held."""
        if event.keyCombination() != self._hold_key:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._holding = True
            self.reveal_held.emit(True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Mask again as soon as any key of the combination is let go."""
        if self._holding and not event.isAutoRepeat():
            self._holding = False
            self.reveal_held.emit(False)
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Mask again when the window loses the focus."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.reveal_held.emit(False)

    def closeEvent(self, event: QEvent) -> None:
        """Tell that the window goes."""
        self.closing.emit()
        event.accept()


def _side(content: QWidget, width: int) -> QScrollArea:
    area = scroll_page(content)
    area.setFixedWidth(round(width * (1 + (scale_in_use() - 1) * 0.3)))
    return area


def _put(stack: QStackedWidget, widget: QWidget) -> None:
    if stack.indexOf(widget) < 0:
        stack.addWidget(widget)
    stack.setCurrentWidget(widget)


def _focus_first_in(region: QWidget) -> None:
    for widget in focus_order(region)[:1]:
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        scroll_to(widget)
