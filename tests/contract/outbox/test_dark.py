"""Days in the dark, and bad lines: everything arrives once, and each person's operations in their order."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.training.process import TrainingProvince
from tests.contract.outbox.scenery import DarkCounter, arrived, assert_once_and_in_order
from tests.line_proxy import BadLine, bad_line

# What runs here by the thousand is measured elsewhere, where it runs once.
pytestmark = pytest.mark.no_cover

HOURS = 72
OPERATIONS = 5000


def live_through_the_dark(counter: DarkCounter, operations: int, hours: int) -> None:
    """Take down operations hour by hour while nobody answers."""
    started = counter.clock.seconds
    for hour in range(hours):
        counter.register(operations * (hour + 1) // hours - operations * hour // hours)
        counter.pass_by(3600)
    assert counter.clock.seconds - started >= hours * 3600
    summary = counter.journal.run(lambda tx: tx.summary()).result()
    assert (summary.pending, summary.tasks) == (operations, 0)
    assert summary.oldest_age_s >= hours * 3600


@pytest.mark.timeout(400)
def test_72_hours_dark_are_drained_once_and_in_order(
    start: Callable[[], TrainingProvince], counter_at: Callable[[str], DarkCounter], province_folder: Path
) -> None:
    province = start()
    province.stop()
    counter = counter_at(province.url)
    live_through_the_dark(counter, OPERATIONS, HOURS)
    start()
    began, rounds, woke = time.monotonic(), counter.rounds, counter.clock.seconds
    counter.drain(rounds=200)
    took = time.monotonic() - began
    sys.stdout.write(
        f"72 h dark, {OPERATIONS} operations: {counter.rounds - rounds} rounds, {took:.1f} s on loopback\n"
    )
    # Noticed with the next probe, at most one longest wait after it came.
    assert counter.clock.seconds - woke <= 330
    assert_once_and_in_order(counter, arrived(province_folder))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_72_hours_dark_over_a_slow_line_that_loses_replies(
    start: Callable[[], TrainingProvince], counter_at: Callable[[str], DarkCounter], province_folder: Path
) -> None:
    line = BadLine(seed=72, latency_s=0.4, lose=0.02, cut=True)
    with bad_line(start().url, line) as url:
        counter = counter_at(url)
        live_through_the_dark(counter, OPERATIONS, HOURS)
        line.cut = False
        began = time.monotonic()
        counter.drain(rounds=2000)
        sys.stdout.write(
            f"{OPERATIONS} operations, 400 ms, 2 % lost: {time.monotonic() - began:.1f} s; {dict(line.done)}\n"
        )
    assert_once_and_in_order(counter, arrived(province_folder))


@pytest.mark.parametrize("fault", ["lose", "halve", "repeat", "late"])
def test_a_bad_line_changes_nothing(
    start: Callable[[], TrainingProvince],
    counter_at: Callable[[str], DarkCounter],
    province_folder: Path,
    fault: str,
) -> None:
    line = BadLine(seed=11, **{fault: 0.5})
    with bad_line(start().url, line) as url:
        counter = counter_at(url)
        counter.register(600)
        counter.drain(rounds=400)
    assert line.done[fault] >= 2
    assert line.done["pass"] >= 1
    assert_once_and_in_order(counter, arrived(province_folder))


def test_all_that_a_line_can_do_at_once(
    start: Callable[[], TrainingProvince], counter_at: Callable[[str], DarkCounter], province_folder: Path
) -> None:
    line = BadLine(seed=5, lose=0.2, halve=0.2, repeat=0.2, late=0.2)
    with bad_line(start().url, line) as url:
        counter = counter_at(url)
        for _ in range(30):
            counter.register(10)
            counter.round()
        counter.drain(rounds=400)
    assert {"lose", "halve", "repeat", "late"} <= set(line.done)
    assert_once_and_in_order(counter, arrived(province_folder))
