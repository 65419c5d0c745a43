"""`journal verify` on 100,000 rows, at most 3 × a bare scan of the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.audit_race import fill, race
from tests.bench.report import Line, note

ROWS = 100_000
RUNS = 7
LIMIT = 3.0


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_verify_against_a_bare_scan(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    fill(tmp_path, ROWS)
    found = race(tmp_path, RUNS)
    assert found.rows == ROWS
    line = Line(
        f"journal verify, {ROWS:,} rows, least of {RUNS}",
        f"{found.verify:.2f} s",
        f"bare scan {found.scan:.2f} s",
        found.ratio,
        LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()
