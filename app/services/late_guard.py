"""What guards the counter's line, made by the first question: httpx takes as long to load as all of Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.domain.clock import Clock
from app.domain.once import Once
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.province.wire_names import REFERENCE
from app.services.events import EventBus, Trouble
from app.services.province_address import Address
from app.services.settings import Settings

if TYPE_CHECKING:
    from app.province.line_guard import LineGuard
    from app.services.device_line import DeviceLine

AUDIT_FALSE = "line.reply_false"


class LateGuard:
    """One guard for the doors of province and bank; safe to call from several threads."""

    def __init__(self, settings: Settings, address: Address, journal: Journal, bus: EventBus, clock: Clock) -> None:
        """Prepare; no contact yet."""
        self._is_reference = settings.wire == REFERENCE
        self._line = Once(lambda: _line(settings, address, clock))
        self._guard = Once(lambda: _guard(self._line(), settings, clock, false_reply_noter(journal, bus)))

    def __call__(self) -> LineGuard | None:
        """Return the guard; None for a wire that has its own ways to know its province."""
        return self._guard() if self._is_reference else None

    def beat(self) -> None:
        """Have the certificate renewed when the time has come; blocks as a call does."""
        if self._is_reference:
            self._line().renew_if_due(self._guard())


def false_reply_noter(journal: Journal, bus: EventBus) -> Callable[[Refusal], None]:
    """Return what writes down that somebody answered in the province's place, and tells whoever is at the window."""

    def note(refusal: Refusal) -> None:
        detail = {"code": refusal.code, **dict(refusal.facts)}
        journal.run(lambda tx: tx.audit(AUDIT_FALSE, "line", "refused", detail=detail))
        bus.publish(Trouble(refusal))

    return note


def _line(settings: Settings, address: Address, clock: Clock) -> DeviceLine:
    from app.services.device_line import open_device_line

    return open_device_line(settings, address, clock)


def _guard(line: DeviceLine, settings: Settings, clock: Clock, on_false: Callable[[Refusal], None]) -> LineGuard:
    from app.services.device_line import make_guard

    return make_guard(line, settings, clock, on_false)
