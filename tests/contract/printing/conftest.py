"""A CUPS of the tests' own: private folder, configuration and socket, raw queues, and a listener as the printer."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")

# A printer that has paper only while the file beside it says so; what it prints lands in the folder.
PAPER_TRAY = """#!/bin/sh
[ $# -eq 0 ] && { echo 'direct papertray "Unknown" "Paper tray"'; exit 0; }
if [ ! -e ROOT/printer/paper ]; then
  echo "STATE: +media-empty-error" >&2
  echo "ERROR: out of paper" >&2
  exit 4
fi
echo "STATE: -media-empty-error" >&2
cat "${6:--}" > "ROOT/printer/$1.out"
"""

FILES_CONF = """
ServerRoot ROOT/etc
RequestRoot ROOT/spool
CacheDir ROOT/cache
StateDir ROOT/state
TempDir ROOT/tmp
ServerBin ROOT/bin
AccessLog ROOT/log/access_log
ErrorLog ROOT/log/error_log
PageLog ROOT/log/page_log
Printcap ROOT/printcap
"""

CUPSD_CONF = """
LogLevel info
Listen ROOT/cups.sock
Browsing Off
DefaultAuthType None
WebInterface No
PreserveJobHistory Yes
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""


class Paper:
    """The listener behind a raw queue: everything each connection brought."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.documents: list[bytes] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rb") as stream:
                document = stream.read()
            if document == b"stop":
                return
            self.documents.append(document)

    def stop(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"stop")
        self._thread.join()
        self._socket.close()


class Spooler:
    """The private cupsd: `server` is what CUPS_SERVER holds."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.server = str(root / "cups.sock")
        self.printer = root / "printer"
        self._make_folders()
        self._process = subprocess.Popen(
            [CUPSD, "-f", "-c", root / "cupsd.conf", "-s", root / "cups-files.conf"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: "is running" in self.run("lpstat", "-r"), self.log)
        for queue, uri in (("listener", f"socket://127.0.0.1:{port}"), ("tray", "papertray:/1"), ("gone", dead_uri())):
            self.run("lpadmin", "-p", queue, "-E", "-v", uri, "-m", "raw")

    def _make_folders(self) -> None:
        for folder in ("etc", "spool", "cache", "state", "tmp", "log", "printer", "bin/backend"):
            (self.root / folder).mkdir(parents=True)
        for part in ("daemon", "monitor", "notifier", "cgi-bin", "command", "driver", "filter"):
            if Path("/usr/lib/cups", part).exists():
                (self.root / "bin" / part).symlink_to(Path("/usr/lib/cups", part))
        (self.root / "bin/backend/socket").symlink_to("/usr/lib/cups/backend/socket")
        for name, text in (
            ("bin/backend/papertray", PAPER_TRAY),
            ("cups-files.conf", FILES_CONF),
            ("cupsd.conf", CUPSD_CONF),
        ):
            (self.root / name).write_text(text.replace("ROOT", str(self.root)))
        (self.root / "bin/backend/papertray").chmod(0o755)
        # Backends run as cupsd's unprivileged user.
        self.root.chmod(0o755)
        (self.root / "printer").chmod(0o777)

    def run(self, *command: str) -> str:
        environment = os.environ | {"CUPS_SERVER": self.server, "LC_ALL": "C"}
        path = f"{os.environ['PATH']}:/usr/sbin"
        done = subprocess.run(
            command, env=environment | {"PATH": path}, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout

    def log(self) -> str:
        log = self.root / "log/error_log"
        return log.read_text()[-2000:] if log.exists() else "no log"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


def dead_uri() -> str:
    """Return the address of a printer that is switched off."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"socket://127.0.0.1:{taken.getsockname()[1]}"


def until(holds: Callable[[], object], told: Callable[[], object], seconds: float = 15) -> None:
    """Wait for the world; fails with what it told."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def paper() -> Iterator[Paper]:
    listener = Paper()
    yield listener
    listener.stop()


@pytest.fixture(scope="module")
def spooler(paper: Paper) -> Iterator[Spooler]:
    if CUPSD is None:
        pytest.skip("cupsd is not installed: apt-get install cups-daemon cups-client")
    # A socket's path has at most 107 bytes, less than pytest's own folders take.
    root = Path(tempfile.mkdtemp(prefix="spooler-"))
    started = Spooler(root, paper.port)
    yield started
    started.stop()
    shutil.rmtree(root)
