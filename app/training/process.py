"""The training province in a process of its own, started and ended by whoever uses it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.refusal import Refusal
from app.journal.trouble import folder_refusal

FEW_HOLDERS = 2000
"""As many as a counter that starts its own province waits for; a province that is served by itself has more."""
LOG_NAME = "training-province.log"

# `-m` looks into the working folder first, and a folder there may bear the name of one of ours.
_PROGRAM_ROOT = Path(__file__).parents[2]
_START_S = 30.0
_STOP_S = 5.0
_POLL_S = 0.02


class TrainingNotStarted(Exception):
    """The process did not come up within its time, or its folder cannot be written; ends in a Refusal."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__("the training province did not start")
        self.refusal = refusal or Refusal("TRAINING-NOT-STARTED")


@dataclass(frozen=True)
class TrainingProvince:
    """A running training province; it ends with `stop`, or by itself when its parent ends."""

    url: str
    process: subprocess.Popen[bytes]
    secure_url: str = ""
    """Over TLS, for devices that show a certificate."""
    authority: Path = Path()
    """The certificate that the secure address is to be known by, PEM."""

    @classmethod
    def start(
        cls, data_dir: Path, port: int = 0, seed: int | None = None, holders: int | None = None
    ) -> TrainingProvince:
        """Start the process and wait until it answers; raises TrainingNotStarted. Blocks for seconds."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            opened = (data_dir / LOG_NAME).open("ab")
        except OSError as error:
            raise TrainingNotStarted(folder_refusal(error)) from error
        with opened as log:
            # The process watches stdin: it closes with the parent however that ends, on every system.
            process = subprocess.Popen(
                _command(data_dir.resolve(), port, seed, holders),
                cwd=_PROGRAM_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        told = _announced(process)
        url = told.get("url", "")
        province = cls(url, process, told.get("secure_url", ""), Path(told.get("authority", "")))
        if not url or not _answers(url):
            province.kill()
            raise TrainingNotStarted
        return province

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Tell whether the process is still there."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process in order; killed if it takes too long. May be called again."""
        # The same end as when the parent goes; a signal would end it without order on some systems.
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._close()

    def kill(self) -> None:
        """End the process at once, as a crash would. May be called again."""
        if self.running:
            self.process.kill()
        self._close()

    def _close(self) -> None:
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def _command(data_dir: Path, port: int, seed: int | None, holders: int | None) -> list[str]:
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app.verbs.entry"]
    command = [*program, "province", "serve", "--port", str(port), "--data", str(data_dir), "--json", "--with-parent"]
    if seed is not None:
        command += ["--seed", str(seed)]
    return [*command, "--holders", str(FEW_HOLDERS if holders is None else holders)]


def _announced(process: subprocess.Popen[bytes]) -> Mapping[str, str]:
    """Read the line with the addresses, within the time for starting."""
    lines: list[bytes] = []

    def read() -> None:
        if process.stdout is not None:
            lines.append(process.stdout.readline())

    reader = threading.Thread(target=read, name="training province start", daemon=True)
    reader.start()
    reader.join(_START_S)
    if reader.is_alive():
        # Its end closes the pipe, and that ends the reader.
        process.kill()
        reader.join()
    try:
        announced = json.loads(b"".join(lines))
    except ValueError:
        return {}
    found = announced if isinstance(announced, dict) else {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _answers(url: str) -> bool:
    address = urlsplit(url)
    until = time.monotonic() + _STOP_S
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=1)
        try:
            connection.request("GET", "/v1/clock")
            if connection.getresponse().status == http.client.OK:
                return True
        except (OSError, http.client.HTTPException):
            time.sleep(_POLL_S)
        finally:
            connection.close()
    return False
