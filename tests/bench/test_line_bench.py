"""Guarding the line: its cost for a request, and batches of 100 at most 1.5 × the same ones bare."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.line import Signing
from tests.bench.line_race import BATCH, cost, upload_race
from tests.bench.report import Line, note

RUNS = 200
BATCHES = 40
LIMIT = 1.5


@pytest.mark.bench
@pytest.mark.parametrize("items", [1, BATCH])
@pytest.mark.parametrize("signing", Signing)
def test_signing_sealing_and_checking_one_request(
    tmp_path: Path, pytestconfig: pytest.Config, signing: Signing, items: int
) -> None:
    found = cost(tmp_path, signing, items, RUNS if signing is Signing.HMAC_SM3 else RUNS // 10)
    line = Line(
        f"a request of {items} operations, signed by {signing.value} and sealed / its reply checked",
        f"{found.guarded * 1e3:.2f} / {found.checked * 1e3:.2f} ms",
        f"its JSON alone {found.bare * 1e3:.2f} ms",
    )
    note(pytestconfig, line)
    assert found.guarded > found.bare > 0 < found.checked


@pytest.mark.bench
@pytest.mark.timeout(300)
def test_guarded_batches_against_bare_ones(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    found = upload_race(tmp_path, BATCHES)
    line = Line(
        f"{found.operations:,} operations in batches of {BATCH}, guarded by HMAC-SM3 and SM4",
        f"{found.operations / found.guarded:,.0f} a second",
        f"bare {found.operations / found.bare:,.0f} a second",
        found.guarded / found.bare,
        LIMIT,
    )
    note(pytestconfig, line)
    assert line.held, line.cells()


def test_the_line_race_runs(tmp_path: Path) -> None:
    found = upload_race(tmp_path, 1)
    assert found.operations == BATCH
    assert found.guarded > 0 < found.bare
    once = cost(tmp_path, Signing.HMAC_SM3, 1, 3)
    assert once.guarded > once.bare
