"""500 counters back at once at a province of 200 operations a second: drained in time, and hardly tried twice."""

from __future__ import annotations

import pytest

from tests.bench.report import Line, note
from tests.bench.returning_devices import come_back
from tests.memory_folder import memory_folder

DEVICES, EACH, RATE = 500, 40, 200.0
OUTAGE_S = 120.0
RETRY_AFTER_S = 5.0
DRAIN_LIMIT, TRIES_LIMIT = 1.2, 1.5


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_all_counters_come_back_at_once(pytestconfig: pytest.Config) -> None:
    with memory_folder() as folder:
        found = come_back(folder, DEVICES, EACH, RATE, OUTAGE_S, RETRY_AFTER_S, seed=1)
    what = f"{DEVICES} counters, {EACH} operations each, back at once at {RATE:.0f} operations/s, virtual time"
    lines = (
        Line(what, f"{found.took_s:.0f} s", f"ideal {found.ideal_s:.0f} s", found.ratio, DRAIN_LIMIT),
        Line(f"tries an operation of {what}", f"{found.tries:.2f}", "one try", found.tries, TRIES_LIMIT),
    )
    for line in lines:
        note(pytestconfig, line)
    assert all(line.held for line in lines), [line.cells() for line in lines]
