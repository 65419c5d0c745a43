"""The bench's races, small."""

from __future__ import annotations

from pathlib import Path

from tests.bench.envelope_race import fill_index, save_race, search_race


def test_both_sides_save_and_find_the_same(tmp_path: Path) -> None:
    saved = save_race(tmp_path / "save", 20, 5)
    assert len(saved.ours) == len(saved.bare) == 5
    (tmp_path / "index").mkdir()
    fill_index(tmp_path / "index", 300)
    found = search_race(tmp_path / "index", 300, 20)
    assert found.ratio(0.5) > 0
