"""Tells a screen reader what changed without moving the focus."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


class Announcer(Protocol):
    """What says a change aloud."""

    def say(self, text: str, *, at_once: bool = False) -> None:
        """Announce a text; `at_once` interrupts what is being read."""
        ...


class QtAnnouncer:
    """Announces through Qt's accessibility bridge (AT-SPI, UI Automation)."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget

    def say(self, text: str, *, at_once: bool = False) -> None:
        """Post an announcement event; nothing happens while no screen reader listens."""
        if not text:
            return
        event = QAccessibleAnnouncementEvent(self._widget, text)
        event.setPoliteness(
            QAccessible.AnnouncementPoliteness.Assertive if at_once else QAccessible.AnnouncementPoliteness.Polite
        )
        QAccessible.updateAccessibility(event)
