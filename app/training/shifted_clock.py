"""A clock that goes wrong by as many seconds as it is told: the province's own time, in training."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.clock import Clock


class ShiftedClock:
    """Implements `Clock` around another; `offset_s` may be changed at any time."""

    def __init__(self, clock: Clock, offset_s: float = 0.0) -> None:
        self._clock = clock
        self.offset_s = offset_s

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC, and wrong by the offset."""
        return self._clock.now() + timedelta(seconds=self.offset_s)

    def monotonic(self) -> float:
        """Return the other clock's seconds: they are never wrong."""
        return self._clock.monotonic()

    def boot_id(self) -> str:
        """Return the other clock's boot."""
        return self._clock.boot_id()
