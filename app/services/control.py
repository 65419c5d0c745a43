"""How a verb asks the running counter: one JSON line each way over loopback, with the token of the data folder."""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from app.domain.refusal import Refusal
from app.services.data_folder import DataFolder, holder_file

MAX_LINE = 65536
Answer = Mapping[str, object]


class ControlServer:
    """Answers `drain` and whatever else the counter offers, on its own thread."""

    def __init__(self, actions: Mapping[str, Callable[[], Answer]]) -> None:
        self._token = secrets.token_hex(16)
        token = self._token

        class Handler(socketserver.StreamRequestHandler):
            timeout = 5

            def handle(self) -> None:
                request = _parse(self.rfile.readline(MAX_LINE))
                action = actions.get(str(request.get("action")))
                if not hmac.compare_digest(str(request.get("token", "")), token) or action is None:
                    return
                self.wfile.write(json.dumps(dict(action()), ensure_ascii=False).encode() + b"\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)

    def start(self, folder: DataFolder) -> Refusal | None:
        """Listen, and say so in the folder; refuses what writing there refuses."""
        self._thread.start()
        return folder.announce(self._server.server_address[1], self._token)

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def ask(folder: Path, action: str, timeout_s: float = 60.0) -> Answer | Refusal:
    """Ask the counter that holds a folder; COUNTER-NOT-RUNNING when it does not answer."""
    try:
        holder = _parse(holder_file(folder).read_bytes())
        port = cast(int, holder["port"])
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
            connection.sendall(json.dumps({"action": action, "token": holder["token"]}).encode() + b"\n")
            line = connection.makefile("rb").readline(MAX_LINE)
    except (OSError, KeyError):
        return Refusal("COUNTER-NOT-RUNNING")
    answer = _parse(line)
    return answer or Refusal("COUNTER-NOT-RUNNING")


def _parse(line: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
