"""The bench's race, small."""

from __future__ import annotations

from pathlib import Path

from tests.bench.audit_race import fill, race


def test_both_sides_read_the_same_rows(tmp_path: Path) -> None:
    fill(tmp_path, 300)
    found = race(tmp_path, 2)
    assert found.rows == 300
    assert found.scan > 0
    assert found.ratio > 0
