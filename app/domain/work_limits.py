"""How far work may go on while the province has not heard of it: measures, their limits, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

WARN_SHARE, URGE_SHARE = 0.5, 0.8
"""A limit is warned of at the latest when half of it, and urgently when four fifths of it are used."""


class Measure(StrEnum):
    """What is limited: operations that wait, seconds of the oldest, seconds the clock is off, bytes of free disk."""

    COUNT = "count"
    AGE = "age"
    CLOCK = "clock"
    DISK = "disk"


class Level(StrEnum):
    """How much of a limit is used."""

    OK = "ok"
    WARN = "warn"
    URGE = "urge"
    STOP = "stop"


@dataclass(frozen=True)
class Limit:
    """One limit in the measure's own unit. The disk's falls: less is worse."""

    measure: Measure
    warn: float
    urge: float
    stop: float
    blocks: frozenset[str]
    """Offline classes and names of commands that are refused once it is reached; empty where it only marks."""

    @property
    def falls(self) -> bool:
        """Tell whether less is worse."""
        return self.measure is Measure.DISK

    def share(self, value: float) -> float:
        """Return how much of the limit a value uses, 1.0 for all of it."""
        if self.falls:
            return self.stop / value if value > 0 else float("inf")
        return value / self.stop

    def level(self, value: float) -> Level:
        """Return where a value stands."""
        reached = {Level.STOP: self.stop, Level.URGE: self.urge, Level.WARN: self.warn}
        return next(
            (level for level, bound in reached.items() if (value <= bound if self.falls else value >= bound)), Level.OK
        )


@dataclass(frozen=True)
class Reading:
    """One measure as it stands."""

    limit: Limit
    value: float

    @property
    def measure(self) -> Measure:
        """Return what was measured."""
        return self.limit.measure

    @property
    def level(self) -> Level:
        """Return where it stands."""
        return self.limit.level(self.value)


@dataclass(frozen=True)
class Standing:
    """All measures at one moment."""

    readings: tuple[Reading, ...] = ()

    @property
    def to_tell(self) -> tuple[Reading, ...]:
        """Return what a person should know of, the most urgent first."""
        found = [reading for reading in self.readings if reading.level is not Level.OK]
        rank = list(Level)
        return tuple(
            sorted(found, key=lambda told: (-rank.index(told.level), -told.limit.share(told.value), told.measure))
        )

    def blocks(self, names: Iterable[str]) -> Reading | None:
        """Return the limit that is reached and refuses one of these offline classes or commands."""
        wanted = frozenset(names)
        stopped = (reading for reading in self.readings if reading.level is Level.STOP)
        return next((reading for reading in stopped if reading.limit.blocks & wanted), None)


UNMEASURED = Standing()
