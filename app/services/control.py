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

    def __init__(self, actions: Mapping[str, Callable[[Mapping[str, str]], Answer]]) -> None:
        """Take the actions by name; each gets the details that were sent with it."""
        self._token = secrets.token_hex(16)
        token = self._token

        class Handler(socketserver.StreamRequestHandler):
            timeout = 5

            def handle(self) -> None:
                request = _parse(self.rfile.readline(MAX_LINE))
                action = actions.get(str(request.get("action")))
                if not hmac.compare_digest(str(request.get("token", "")), token) or action is None:
                    return
                self.wfile.write(json.dumps(dict(action(_detail(request))), ensure_ascii=False).encode() + b"\n")

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


def ask(
    folder: Path, action: str, timeout_s: float = 60.0, detail: Mapping[str, str] | None = None
) -> Answer | Refusal:
    """Ask the counter that holds a folder; COUNTER-NOT-RUNNING when it does not answer, else what it refuses."""
    try:
        holder = _parse(holder_file(folder).read_bytes())
        port = cast(int, holder["port"])
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
            request = {"action": action, "token": holder["token"], "detail": dict(detail or {})}
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = connection.makefile("rb").readline(MAX_LINE)
    except (OSError, KeyError):
        return Refusal("COUNTER-NOT-RUNNING")
    answer = _parse(line)
    if isinstance(refused := answer.get("refusal"), dict):
        return Refusal(str(refused.get("code")), tuple((str(k), str(v)) for k, v in refused.get("facts", ())))
    return answer or Refusal("COUNTER-NOT-RUNNING")


def refusing(refusal: Refusal) -> Answer:
    """Return the answer that `ask` hands on as a refusal."""
    return {"refusal": {"code": refusal.code, "facts": [list(fact) for fact in refusal.facts]}}


def _detail(request: Mapping[str, object]) -> Mapping[str, str]:
    detail = request.get("detail")
    return {str(key): str(value) for key, value in detail.items()} if isinstance(detail, dict) else {}


def _parse(line: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
