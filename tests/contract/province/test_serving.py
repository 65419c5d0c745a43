"""The verb and the process: the line it prints, how it ends, what it refuses, what it keeps."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.training.process import TrainingNotStarted, TrainingProvince
from app.training.store import FILE_NAME
from app.verbs.entry import main

VERB = [sys.executable, "-m", "app.verbs.entry", "province", "serve"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_verb_says_where_it_is_and_ends_in_order(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*VERB, "--port", "0", "--holders", "30"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert "训练省平台已就绪：http://127.0.0.1:" in line
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    province = TrainingProvince.start(tmp_path, holders=30)
    assert province.process.stdin is not None
    province.process.stdin.close()
    assert province.process.wait(10) == 0
    province.stop()
    assert not province.running


@dataclass(frozen=True)
class Refused:
    """Runs the verb where it has to refuse, and returns the code."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> str:
        assert main(["province", "serve", *arguments]) == 2
        said = self.capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        return said.err.split(" ", 1)[0]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    return Refused(capsys)


def test_it_listens_on_this_machine_only(refused: Refused) -> None:
    assert refused("--port", "0", "--host", "0.0.0.0") == "TRAINING-LOOPBACK-ONLY"


def test_a_port_in_use_is_refused(tmp_path: Path, refused: Refused) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--port", str(port), "--data", str(tmp_path), "--holders", "1") == "TRAINING-PORT-TAKEN"
        started = time.monotonic()
        with pytest.raises(TrainingNotStarted) as raised:
            TrainingProvince.start(tmp_path, port=port, holders=1)
        assert raised.value.refusal.code == "TRAINING-NOT-STARTED"
        assert time.monotonic() - started < 20


def test_a_broken_file_is_named(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database" * 100)
    assert refused("--port", "0", "--data", str(tmp_path)) == "TRAINING-DATA-UNUSABLE"


def test_the_contract_verb_prints_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["province", "contract"]) == 0
    assert json.loads(capsys.readouterr().out)["info"]["version"] == "1.0.0"


def test_two_thousand_holders_are_there_by_default_and_killing_leaves_nothing(tmp_path: Path) -> None:
    province = TrainingProvince.start(tmp_path)
    try:
        holders = httpx.get(f"{province.url}/training/holders?limit=5000", trust_env=False).json()
        assert province.running
        assert province.pid > 0
    finally:
        province.kill()
        province.stop()
    assert not province.running
    assert len({row["citizen_number"] for row in holders}) >= 2000
