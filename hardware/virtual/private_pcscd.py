"""A real PC/SC service of one's own: pcscd and vpcd in a private mount namespace, found by a variable.

For Linux with pcscd, vsmartcard-vpcd and unshare; the machine's own service, if it runs, is left alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SERVICE_SOCKET = Path("/run/pcscd/pcscd.comm")
"""Where the machine's own service listens."""
FIRST_READER = "Virtual PCD 00 00"
_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
_START_LIMIT = 10.0
# Bound over the namespace's own /run; pcscd ends with the thread that started it, however that ends.
_SCRIPT = 'mount --bind "$1" /run && exec setpriv --pdeathsig KILL "$3" --foreground --config "$2"'


class PcscdNotStarted(Exception):
    """The service did not come up; holds what it printed."""


def missing() -> str | None:
    """Say what this machine lacks for a service of one's own, or None."""
    if _program() is None or not _DRIVER.exists():
        return "pcscd or vsmartcard-vpcd is not installed"
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        return "unshare or setpriv is not installed"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True, text=True, check=False)
    return f"no private mount namespace: {tried.stderr.strip()}" if tried.returncode else None


@contextlib.contextmanager
def private_pcscd() -> Iterator[PcscService]:
    """Run a PC/SC service that only this process and its children see; raises PcscdNotStarted."""
    before = os.environ.get(_SOCKET_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="pcsc-") as folder:
        service = PcscService(Path(folder), _free_ports())
        os.environ[_SOCKET_VARIABLE] = str(service.socket_path)
        try:
            service.start()
            yield service
        finally:
            service.stop()
            if before is None:
                os.environ.pop(_SOCKET_VARIABLE, None)
            else:
                os.environ[_SOCKET_VARIABLE] = before


@dataclass
class PcscService:
    """One pcscd; `port` and `port + 1` are the two slots of vpcd."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def socket_path(self) -> Path:
        """Return the socket that clients find by the environment variable."""
        return self.folder / "run" / "pcscd" / "pcscd.comm"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a client process."""
        return {**os.environ, _SOCKET_VARIABLE: str(self.socket_path)}

    def start(self) -> None:
        """Start pcscd and wait until a client and a card can connect; raises PcscdNotStarted."""
        run, conf = self.folder / "run", self.folder / "conf"
        run.mkdir(exist_ok=True)
        conf.mkdir(exist_ok=True)
        (conf / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{self.port:04X}\n'
            f"LIBPATH {_DRIVER}\nCHANNELID 0x{self.port:04X}\n"
        )
        with (self.folder / "pcscd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_unshare(), "sh", "-c", _SCRIPT, "sh", str(run), str(conf), str(_program())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + _START_LIMIT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise PcscdNotStarted((self.folder / "pcscd.log").read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill pcscd as a crash would, and wait for its end; may be called again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.socket_path.unlink(missing_ok=True)
            (self.socket_path.parent / "pcscd.pid").unlink(missing_ok=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket_path)) == 0


def _program() -> str | None:
    # Debian's system folders are in nobody's path but root's.
    return shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _unshare() -> list[str]:
    return ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]


def _free_ports() -> int:
    """Find two neighbouring free ports, for vpcd gives each of its two slots one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port
