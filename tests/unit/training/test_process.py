"""A training province that does not come up, or will not go."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.training import process
from app.training.process import TrainingNotStarted, TrainingProvince

SAYS_WHERE = "import json; print(json.dumps({'url': 'http://127.0.0.1:9'}), flush=True); "


def runs(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(process, "_command", lambda *_arguments: [sys.executable, "-S", "-c", script])
    monkeypatch.setattr(process, "_START_S", 1.0)
    monkeypatch.setattr(process, "_STOP_S", 0.3)


@pytest.mark.parametrize(
    "script",
    [
        "raise SystemExit(2)",
        "print('hello')",
        "print('[]')",
        "print('{\"url\": 7}')",
        "import time; time.sleep(60)",
        SAYS_WHERE + "import time; time.sleep(60)",
    ],
    ids=["ends", "no-json", "no-object", "no-text", "says-nothing", "does-not-answer"],
)
def test_what_does_not_come_up_is_ended_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    runs(monkeypatch, script)
    with pytest.raises(TrainingNotStarted) as raised:
        TrainingProvince.start(tmp_path)
    assert raised.value.refusal.code == "TRAINING-NOT-STARTED"


@pytest.mark.usefixtures("children_measured")
def test_what_will_not_go_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, SAYS_WHERE + "import time; time.sleep(60)")
    monkeypatch.setattr(process, "_answers", lambda _url: True)
    province = TrainingProvince.start(tmp_path)
    assert province.running
    province.stop()
    assert province.process.returncode not in (None, 0)
    province.stop()
