"""The time a record carries: wall clock, monotonic clock and the boot they belong to."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

HALL_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """What tells the time; tests bring their own."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back within a boot and go on while the machine sleeps."""
        ...

    def boot_id(self) -> str:
        """Return the id of this boot of the machine."""
        ...


@dataclass(frozen=True)
class Moment:
    """When something happened, as recorded (reliability.md 1.2 rule 3)."""

    wall: datetime
    monotonic: float
    boot_id: str


class SystemClock:
    """The machine's clocks."""

    def __init__(self) -> None:
        kernel = Path("/proc/sys/kernel/random/boot_id")
        self._boot_id = kernel.read_text().strip() if kernel.exists() else str(uuid.uuid4())

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since the boot, sleep included.

        That is CLOCK_BOOTTIME on Linux; on Windows Python's own counts sleep too (GetTickCount64, up to Python 3.12).
        """
        return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()

    def boot_id(self) -> str:
        """Return the kernel's boot id, or one made for this process where there is none."""
        return self._boot_id


@dataclass(frozen=True)
class ClockCheck:
    """By how many seconds the wall clock was ahead of the province's, and when that was measured."""

    measured: Moment
    offset_s: float

    def offset_now(self, clock: Clock) -> float:
        """Return how far ahead it is now: within a boot a clock that was set since is found out.

        After a reboot only what was measured last is known.
        """
        if self.measured.boot_id != clock.boot_id():
            return self.offset_s
        moved = (clock.now() - self.measured.wall).total_seconds() - (clock.monotonic() - self.measured.monotonic)
        return self.offset_s + moved


def moment(clock: Clock) -> Moment:
    """Read all three clocks at once."""
    return Moment(clock.now(), clock.monotonic(), clock.boot_id())


def age_s(occurred: Moment, clock: Clock) -> float:
    """Return how long ago something happened, never below 0.

    It is the larger of what the wall clock and, within a boot, the counted seconds say: no clock that was set or stood
    still makes it younger.
    """
    wall = (clock.now() - occurred.wall).total_seconds()
    counted = clock.monotonic() - occurred.monotonic if occurred.boot_id == clock.boot_id() else 0.0
    return max(wall, counted, 0.0)


def ahead_s(occurred: Moment, clock: Clock) -> float:
    """Return by how many seconds something is dated after now, 0 when it is not."""
    return max((occurred.wall - clock.now()).total_seconds(), 0.0)


def hall_time(at: datetime, now: datetime) -> str:
    """Return a time of day in the hall's zone, with its day where that is not today's."""
    local = at.astimezone(HALL_ZONE)
    return f"{local:%H:%M}" if local.date() == now.astimezone(HALL_ZONE).date() else f"{local:%m-%d %H:%M}"


def business_date(now: datetime) -> str:
    """Return the hall's business date, ISO, in the hall's zone."""
    return now.astimezone(HALL_ZONE).date().isoformat()
