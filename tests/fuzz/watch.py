"""Runs inputs through an entry point and says which of them raised, and which took longer than a second."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

LIMIT_S = 1.0


class TooLong(Exception):
    """One input held the processor for a second."""


@dataclass(frozen=True)
class Finding:
    """An input and what it did."""

    raw: bytes
    what: str


@dataclass(frozen=True)
class Watched:
    """How many inputs ran, the slowest in seconds, and the first that failed."""

    runs: int
    slowest: float
    finding: Finding | None


def watch(run: Callable[[bytes], None], inputs: Iterable[bytes], limit: float = LIMIT_S) -> Watched:
    """Run inputs until one fails; an endless one is broken off where the system has a timer of processor time."""
    runs, slowest = 0, 0.0
    with broken_off():
        for raw in inputs:
            runs += 1
            begun = time.process_time()
            wind(limit)
            try:
                run(raw)
            except Exception as error:  # noqa: BLE001 - whatever it raises is what is looked for
                return Watched(runs, slowest, Finding(raw, f"{type(error).__name__}: {error}"))
            finally:
                wind(0.0)
            slowest = max(slowest, time.process_time() - begun)
            if slowest > limit:
                return Watched(runs, slowest, Finding(raw, f"{slowest:.1f} s"))
    return Watched(runs, slowest, None)


def wind(seconds: float) -> None:
    """Let the timer of processor time run out in so many seconds; 0 stops it."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


@contextmanager
def broken_off() -> Iterator[None]:
    """Raise TooLong in whatever runs when the timer runs out."""

    def break_off(_number: int, _frame: FrameType | None) -> None:
        raise TooLong("more than a second")

    # Not the timer of real time: that one is pytest-timeout's.
    if not hasattr(signal, "SIGVTALRM"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, break_off)
    try:
        yield
    finally:
        signal.signal(signal.SIGVTALRM, before)
