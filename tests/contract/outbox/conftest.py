"""A province of its own for each module, whose line may be cut, and a counter in the dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.province.http_client import HttpProvince
from app.training.process import TrainingProvince
from tests.contract.outbox.scenery import DEVICE, DarkCounter
from tests.empty_journal import open_empty
from tests.unit.journal.scenery import StillClock


@pytest.fixture
def province_folder(tmp_path: Path) -> Path:
    return tmp_path / "province"


@pytest.fixture
def start(province_folder: Path) -> Iterator[Callable[[], TrainingProvince]]:
    """Start the province, or start it again on the port that it had."""
    started: list[TrainingProvince] = []

    def start_one() -> TrainingProvince:
        port = int(started[-1].url.rsplit(":", 1)[1]) if started else 0
        started.append(TrainingProvince.start(province_folder, port=port, seed=7, holders=20))
        return started[-1]

    yield start_one
    for province in started:
        province.stop()


@pytest.fixture
def counter_at(tmp_path: Path) -> Iterator[Callable[[str], DarkCounter]]:
    made: list[DarkCounter] = []

    def open_one(url: str) -> DarkCounter:
        clock, folder = StillClock(), tmp_path / f"counter-{len(made)}"
        journal = open_empty(folder, clock)
        counter = DarkCounter(journal, clock, HttpProvince(url, DEVICE, training=True))
        made.append(counter)
        return counter

    yield open_one
    for counter in made:
        counter.province.close()
        counter.journal.close()
