"""Each counter once: overtaken ones still count, old ones do not, and a restart forgets nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.training.line_counters import LineCounters, Seen

BEHIND = 16


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[LineCounters]:
    made = LineCounters.open(tmp_path, BEHIND)
    yield made
    made.close()


def test_a_counter_is_taken_once(counters: LineCounters) -> None:
    assert [counters.take("a", n) for n in (1, 2, 2, 1)] == [Seen.NEW, Seen.NEW, Seen.BEFORE, Seen.BEFORE]
    assert counters.take("b", 1) is Seen.NEW
    assert counters.highest("a") == 2


def test_what_was_overtaken_is_taken_within_the_window_only(counters: LineCounters) -> None:
    assert counters.take("a", 100) is Seen.NEW
    assert counters.take("a", 100 - BEHIND + 1) is Seen.NEW
    assert counters.take("a", 100 - BEHIND) is Seen.BEHIND
    assert counters.take("a", 3) is Seen.BEHIND
    assert counters.highest("a") == 100


def test_a_leap_over_the_whole_window_forgets_what_lies_below(counters: LineCounters) -> None:
    for number in range(1, 9):
        assert counters.take("a", number) is Seen.NEW
    assert counters.take("a", 10_000) is Seen.NEW
    assert counters.take("a", 8) is Seen.BEHIND
    assert counters.take("a", 9_999) is Seen.NEW


def test_a_restart_forgets_nothing(tmp_path: Path, counters: LineCounters) -> None:
    for number in (1, 2, 5):
        counters.take("a", number)
    again = LineCounters.open(tmp_path, BEHIND)
    assert [again.take("a", number) for number in (5, 2, 1)] == [Seen.BEFORE] * 3
    assert again.take("a", 3) is Seen.NEW
    again.close()


@pytest.mark.parametrize("seed", range(20))
def test_no_order_takes_a_number_twice_or_loses_one_within_the_window(counters: LineCounters, seed: int) -> None:
    drawn = random.Random(seed)
    taken: set[int] = set()
    highest = 0
    for _ in range(300):
        number = max(1, highest + drawn.randint(-2 * BEHIND, 4))
        found = counters.take("a", number)
        expected = Seen.BEHIND if highest - number >= BEHIND else Seen.BEFORE if number in taken else Seen.NEW
        assert found is expected
        if found is Seen.NEW:
            taken.add(number)
            highest = max(highest, number)
