"""The tour is an end-to-end test: a real window, key presses, the province killed in the middle."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hardware.virtual.private_pcscd import missing
from tests.programs import PROGRAM, environment


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_tour_is_played_to_its_end(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "tour", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=220,
        env=environment(),
        check=False,
    )
    told = json.loads((tmp_path / "tour.json").read_text(encoding="utf-8"))
    assert done.returncode == 0, (told["failure"], told["claims"], done.stderr)
    assert told["reader"] in (("pcscd", "private_pcscd") if missing() is None else ("pcscd", "in_process"))
    assert all(step["ok"] for step in told["steps"])
    assert all((tmp_path / step["screenshot"]).stat().st_size > 5000 for step in told["steps"])
    assert {"loss-receipt", "offline-receipt", "release-refused-offline", "release-receipt"} <= {
        step["name"] for step in told["steps"]
    }
    operations = [step["op_id"] for step in told["steps"] if step["op_id"]]
    assert {row["op_id"]: row["applied"] for row in told["ledger"]} == dict.fromkeys(operations, 1)
    assert len(operations) == 3
    assert told["journal"]["ok"]
    assert len(list((tmp_path / "receipts").glob("*.pdf"))) == 3
