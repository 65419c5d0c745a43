"""Faults by a file and by the page: met by the real client as values, and each operation still takes effect once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.http_client import HttpProvince
from app.province.port import CardCheck, CardCheckRequest, ItemAnswer
from tests.contract.province.conftest import DEVICE, batch, operation

FILE = """
clock_offset_s = 7200
[[fault]]
mode = "drop_reply"
path = "/v1/operations"
count = 1
[[fault]]
mode = "duplicate"
path = "/v1/operations"
count = 1
[[fault]]
mode = "maintenance"
path = "/v1/sealing-key"
retry_after_s = 90
[[fault]]
mode = "codes"
path = "/v1/card-checks"
codes = { social_code = "Z9" }
[[fault]]
mode = "status"
path = "/v1/changes"
status = 418
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "faults.toml"
    file.write_text(FILE, encoding="utf-8")
    command = [sys.executable, "-m", "app.verbs.entry", "province", "serve", "--port", "0", "--json"]
    command += ["--holders", "40", "--seed", "7", "--faults", str(file), "--data", str(tmp_path / "province")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1"}) as served:
        assert served.stdout is not None
        yield json.loads(served.stdout.readline())["url"]
        served.send_signal(signal.SIGTERM)


@pytest.fixture
def line(url: str) -> Iterator[HttpProvince]:
    made = HttpProvince(url, DEVICE, training=True)
    yield made
    made.close()


def test_every_fault_of_the_file_is_a_value_at_the_counter(url: str, line: HttpProvince) -> None:
    clock = line.clock()
    assert isinstance(clock, datetime)
    assert 7100 < (clock - datetime.now(UTC)).total_seconds() < 7300

    with httpx.Client(base_url=url, trust_env=False) as desk:
        card = next(
            row for row in desk.get("/training/holders?social=normal&limit=50").json() if row["person"] == "normal"
        )
        item = operation("temporary_loss", card_id=card["card_id"], base_version=card["version"])
        assert getattr(line.upload(batch(item)), "refusal", None) == Refusal("PROVINCE-AWAY")
        (answer,) = line.upload(batch(item))  # type: ignore[misc]
        assert isinstance(answer, ItemAnswer)
        assert answer.outcome is Outcome.APPLIED
        ledger = {row["op_id"]: row["applied"] for row in desk.get("/training/ledger").json()}
        assert ledger[item.op_id] == 1

    assert line.sealing_key() == Refusal.of("PROVINCE-BUSY", retry_after="90")
    assert line.changes(0, 10) == Refusal.of("PROVINCE-REFUSED", status=418, reason="TRAINING-STATUS")
    check = line.check_card(CardCheckRequest(card["card_id"], None, True, DEVICE))
    assert isinstance(check, CardCheck)
    assert (check.usable, check.social) == (False, SocialState.UNKNOWN)


def test_the_page_tells_and_changes_what_goes_wrong_without_a_script(url: str, line: HttpProvince) -> None:
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=True) as browser:
        page = browser.get("/training/control")
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        assert not re.findall(r"(?:src|href)\s*=", page.text)
        assert "停机维护" in page.text
        labels, fields = page.text.count("<label>"), len(re.findall(r"<(?:input|select) ", page.text))
        assert labels == fields

        form = {"path": "/v1", "mode": "busy", "latency_ms": "0", "count": "1", "retry_after_s": "5"}
        changed = browser.post("/training/control", data=form)
        assert changed.status_code == 200
        assert line.clock() == Refusal.of("PROVINCE-BUSY", retry_after="5")
        assert not isinstance(line.clock(), Refusal)
        browser.post("/training/control", data={"offset_s": "0"})
        clock = line.clock()
        assert isinstance(clock, datetime)
        assert abs((clock - datetime.now(UTC)).total_seconds()) < 60

        other = browser.post("/training/control", data=form, headers={"Origin": "http://example.test"})
        assert other.status_code == 403
        for wrong in ({"mode": "explode"}, {"latency_ms": "x"}, {"offset_s": "nan"}, {"offset_s": "1e300"}):
            assert browser.post("/training/control", data=wrong).status_code == 422, wrong


def test_a_fault_file_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text("[[fault]]\nmode = 'explode'", encoding="utf-8")
    command = [sys.executable, "-m", "app.verbs.entry", "province", "serve", "--port", "0", "--faults", str(file)]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 2
    assert "fault.0.mode" in done.stderr.decode()
