"""The counter of requests: each number once, whatever happens to the process and its file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.journal.line_counter import BLOCK, FILE_NAME, LineCounter


def test_it_rises_by_one_and_a_restart_goes_on_above(tmp_path: Path) -> None:
    first = LineCounter(tmp_path)
    assert [first.next() for _ in range(3)] == [1, 2, 3]
    second = LineCounter(tmp_path)
    assert second.next() == BLOCK + 1
    assert first.next() == 4


def test_a_block_that_is_used_up_is_followed_by_one_that_nobody_has(tmp_path: Path) -> None:
    first, second = LineCounter(tmp_path), LineCounter(tmp_path)
    found = [first.next() for _ in range(BLOCK)] + [second.next() for _ in range(BLOCK)]
    found += [first.next() for _ in range(BLOCK)]
    assert len(set(found)) == 3 * BLOCK


def test_it_goes_above_what_the_province_has_seen_and_never_below(tmp_path: Path) -> None:
    counter = LineCounter(tmp_path)
    counter.go_above(5000)
    assert counter.next() == 5001
    counter.go_above(7)
    assert counter.next() == 5002
    assert LineCounter(tmp_path).next() == 5000 + BLOCK + 1


@pytest.mark.parametrize("content", ["", "x", "-3", "٣", "9" * 40])
def test_a_file_that_says_nothing_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    assert LineCounter(tmp_path).next() == 1


def test_threads_never_get_the_same_number(tmp_path: Path) -> None:
    counter = LineCounter(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: counter.next(), range(3 * BLOCK)))
    assert sorted(found) == list(range(1, 3 * BLOCK + 1))


def test_no_number_is_given_that_could_not_be_reserved(tmp_path: Path) -> None:
    counter = LineCounter(tmp_path / "gone")
    with pytest.raises(OSError, match="gone"):
        counter.next()
