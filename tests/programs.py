"""Starting the program itself, and the training province, as processes that a test may kill."""

from __future__ import annotations

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.request import Request, urlopen

from app.domain.operation import OutboxRow
from app.hall.training_staff import training_password
from app.journal.audit_verify import Verification
from app.province.code_map import load as load_maps
from app.services.journal_check import verify_journal
from app.services.offline_folder import drain, read_outbox
from app.training.seeding import DEFAULT_SEED, seed_store
from app.training.store import FILE_NAME, open_store

PROGRAM = [sys.executable, "-m", "ui.__main__"]
HOLDERS = 2000


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@functools.cache
def _seeded() -> bytes:
    """Make the fictional people once for all provinces: the seeding itself is tested in tests/contract/province."""
    with tempfile.TemporaryDirectory() as made:
        engine = open_store(Path(made))
        seed_store(engine, load_maps(), DEFAULT_SEED, HOLDERS)
        engine.dispose()
        return (Path(made) / FILE_NAME).read_bytes()


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child: the key in a file, no proxies."""
    return {**os.environ, "YIKATONG_KEY_STORE": "file", "PYTHONUTF8": "1", **more}


def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=90,
        env=environment(**more),
        check=False,
    )


def run_json(*arguments: str) -> Any:
    """Run a verb and return its JSON."""
    done = run(*arguments, "--json")
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@dataclass
class Province:
    """The training province in a process of its own; killed and started again on the same port and file."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not (self.folder / FILE_NAME).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / FILE_NAME).write_bytes(_seeded())
        command = [*PROGRAM, "province", "serve", "--port", str(self.port), "--data", str(self.folder), "--json"]
        self.process = subprocess.Popen(
            [*command, "--holders", str(HOLDERS)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline())["url"].startswith("http://127.0.0.1:")

    def kill(self) -> None:
        """Kill it with -9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate(timeout=10)
            self.process = None

    def get(self, path: str) -> Any:
        """Ask one of its training pages."""
        with urlopen(self.url + path, timeout=10) as reply:
            return json.load(reply)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Tell one of its training pages."""
        request = Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def ledger(self) -> dict[str, int]:
        """Return the count of effects by op_id."""
        return {row["op_id"]: row["applied"] for row in self.get("/training/ledger")}


@dataclass(frozen=True)
class Counter:
    """A data folder whose counter reads a virtual card and asks a given province."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, province: Province, profile: str) -> Counter:
        """Write the settings of a training counter."""
        folder.mkdir(parents=True, exist_ok=True)
        lines = {"province_url": province.url, "reader": f"virtual:{profile}", "window": "3", "hall_name": "培训大厅"}
        text = "".join(f'{key} = "{value}"\n' for key, value in lines.items()) + "settle_wait_s = 3\n"
        (folder / "counter.toml").write_text(text, encoding="utf-8")
        return cls(folder)

    def visit(
        self,
        do: str = "loss",
        fault: str = "",
        drain: float = 0,
        phone: str = "",
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.CompletedProcess[str]:
        """Play a visit; `fault` names the point at which the process kills itself with -9, `more` adds to its world."""
        more = {**more, "YIKATONG_FAULT": fault} if fault else more
        arguments = ["visit", "--data", str(self.folder), "--do", do, "--drain", str(drain)]
        if phone:
            arguments += ["--field", f"phone={phone}"]
        return run(*arguments, stdin=training_password() + "\n", **more)

    def outbox(self) -> tuple[OutboxRow, ...]:
        """Return every delivery row, as `outbox list` reads them."""
        rows = read_outbox(self.folder)
        assert isinstance(rows, tuple), rows
        return rows

    def drain(self) -> Mapping[str, object]:
        """Send what waits, as `outbox drain` does where no counter runs."""
        answer = drain(self.folder, training=True, province_url=None, timeout_s=30)
        assert isinstance(answer, Mapping), answer
        return answer

    def verify(self) -> Verification:
        """Check the audit chain, as `journal verify` does."""
        result = verify_journal(self.folder)
        assert isinstance(result, Verification), result
        return result


def steps(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Return a visit's printed steps by name."""
    return {line["step"]: line for line in map(json.loads, done.stdout.splitlines())}
