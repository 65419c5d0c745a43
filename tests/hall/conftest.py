"""A hall on a file of its own, and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.hall.connection import hall_url
from app.hall.hall import Hall


class HandClock:
    """Wall clock, monotonic clock and boot, each moved by hand."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 22, 2, 43, 58, tzinfo=UTC)
        self.seconds = 1000.0
        self.boot = "boot-1"

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def boot_id(self) -> str:
        return self.boot

    def pass_time(self, **span: float) -> None:
        """Let time pass on both clocks."""
        self.wall += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return hall_url(tmp_path)


@pytest.fixture
def hall(url: str, clock: HandClock) -> Iterator[Hall]:
    opened = Hall.open(url, clock)
    assert isinstance(opened, Hall)
    yield opened
    opened.close()
