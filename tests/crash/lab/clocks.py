"""A wall clock that somebody keeps setting, under a monotonic clock that goes on."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

from app.domain.clock import SystemClock

JUMPS = (
    timedelta(0),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(minutes=-10),
    timedelta(days=1, seconds=1),
    timedelta(days=-1),
    timedelta(days=3652),
    timedelta(days=-3652),
)
"""Summer time, a flat battery, a mistyped year; around 2038 on the way."""
_JUMPS_EACH = 10


class JumpingClock:
    """Jumps at one call in ten, always to somewhere near the true time or far from it."""

    def __init__(self, seed: int) -> None:
        self._true = SystemClock()
        self._chance = random.Random(seed)
        self._guard = threading.Lock()
        self._off = JUMPS[0]

    def now(self) -> datetime:
        """Return the wall clock as it is set."""
        with self._guard:
            if self._chance.randrange(_JUMPS_EACH) == 0:
                self._off = self._chance.choice(JUMPS)
            return self._true.now() + self._off

    def monotonic(self) -> float:
        """Return the seconds since the boot."""
        return self._true.monotonic()

    def boot_id(self) -> str:
        """Return the id of this boot."""
        return self._true.boot_id()
