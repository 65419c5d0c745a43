"""A disk that fails at one write or one sync: told by a code, nothing lost, and the next command works again."""

from __future__ import annotations

import os

import pytest

from tests.crash.lab.ledger import Line, note
from tests.crash.lab.power_disk import missing
from tests.crash.lab.programs import run
from tests.memory_folder import memory_folder

STRIDE = 7

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


@pytest.mark.timeout(400)
def test_each_failing_call_is_told_and_nothing_is_lost(request: pytest.FixtureRequest) -> None:
    reason = missing()
    if reason is not None:
        note(request.config, Line("disk failing", 0, 0, {"": f"skipped, {reason}"}, None, 0.0))
        pytest.skip(f"no disk that fails when told: {reason}")
    with memory_folder() as folder:
        kinds = run("disk_faults", folder, 1 if request.config.getoption("--long") else STRIDE)
    for found in kinds:
        told = {"refused": found["refused"], "wrong": len(found["wrong"])}
        line = Line(f"disk failing: {found['kind']}", found["calls"], 0, told, not found["wrong"], found["seconds"])
        note(request.config, line)
    assert not [found["wrong"] for found in kinds if found["wrong"]]
    assert all(found["calls"] and found["refused"] for found in kinds)
