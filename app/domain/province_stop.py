"""The times in which the province's platform stands still as announced: each night, at the month's end, for repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class StopKind(StrEnum):
    """Why it stands still."""

    NIGHTLY = "nightly"
    MONTH_END = "month_end"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class ProvinceStop:
    """One announced stop, by the province's clock; `ends` is the first moment at which it answers again."""

    kind: StopKind
    starts: datetime
    ends: datetime


class Nearness(StrEnum):
    """How near a stop is."""

    AHEAD = "ahead"
    SOON = "soon"
    NOW = "now"


@dataclass(frozen=True)
class ToldStop:
    """A stop that a person should know of now."""

    stop: ProvinceStop
    nearness: Nearness


def next_stop(stops: Iterable[ProvinceStop], now: datetime) -> ProvinceStop | None:
    """Return the stop under way, else the one that comes first."""
    return min((stop for stop in stops if stop.ends > now), key=lambda stop: stop.starts, default=None)


def in_the_way(stops: Iterable[ProvinceStop], now: datetime, longest_s: float) -> ProvinceStop | None:
    """Return the first stop that begins before something is over that takes so long at the most."""
    stop = next_stop(stops, now)
    return stop if stop is not None and now + timedelta(seconds=longest_s) > stop.starts else None
