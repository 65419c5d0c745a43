"""The tour is an end-to-end test: a real window, key presses, the province killed in the middle."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hardware.virtual.driver_answers import driver_answers
from hardware.virtual.private_pcscd import missing
from tests.contract.hardware.sscard.maker import Maker
from tests.programs import PROGRAM, environment


def played(out: Path, *more: str) -> Mapping[str, Any]:
    """Play the tour and return what it tells, after looking at all that is the same whatever reads the cards."""
    done = subprocess.run(
        [*PROGRAM, "tour", "--out", str(out), *more],
        capture_output=True,
        text=True,
        timeout=220,
        env=environment(),
        check=False,
    )
    told: Mapping[str, Any] = json.loads((out / "tour.json").read_text(encoding="utf-8"))
    assert done.returncode == 0, (told["failure"], told["claims"], done.stderr)
    assert all(step["ok"] for step in told["steps"])
    assert all((out / step["screenshot"]).stat().st_size > 5000 for step in told["steps"])
    assert {"loss-receipt", "offline-receipt", "release-refused-offline", "release-receipt"} <= {
        step["name"] for step in told["steps"]
    }
    operations = [step["op_id"] for step in told["steps"] if step["op_id"]]
    assert {row["op_id"]: row["applied"] for row in told["ledger"]} == dict.fromkeys(operations, 1)
    assert len(operations) == 3
    assert told["journal"]["ok"]
    assert len(list((out / "receipts").glob("*.pdf"))) == 3
    return told


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_tour_is_played_to_its_end(tmp_path: Path) -> None:
    reader = played(tmp_path)["reader"]
    assert reader in (("pcscd", "private_pcscd") if missing() is None else ("pcscd", "in_process"))


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_tour_is_played_over_a_makers_library(maker: Maker, tmp_path: Path) -> None:
    told = played(tmp_path / "tour", "--driver", str(maker.driver.path))
    assert told["reader"] == "driver"
    third, second = driver_answers("gen3"), driver_answers("gen2")
    called = maker.calls()
    assert called.count(f"iReadCardBas_HSM_Step2({third['key']})") == 2
    assert called.count(f"iReadCardBas_HSM_Step2({second['key']})") == 1
