"""How the training province misbehaves when told to: slow, refusing, broken, silent, talking nonsense, busy."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.training.wire_models import FaultBody

HangUp = Callable[[tuple[str, int]], None]
"""Closes the connection of a client (host, port) without a word."""

_MET = "/v1"
_NONSENSE = '{"answers": "是", "now": 17, "check_id": [], "usable": "maybe"'.encode()
RETRY_AFTER_S = 1


class FaultBox:
    """What is to go wrong with the next requests; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault = FaultBody()
        self._left: int | None = None

    def set(self, fault: FaultBody) -> None:
        """Replace what is to go wrong."""
        with self._lock:
            self._fault = fault
            self._left = fault.count

    def take(self, path: str) -> FaultBody:
        """Return what goes wrong with a request to this path, and count it."""
        with self._lock:
            if not path.startswith(self._fault.path or _MET) or self._left == 0:
                return FaultBody()
            if self._left is not None:
                self._left -= 1
            return self._fault


class FaultyLine:
    """ASGI middleware between the line and the province; everything outside /v1 passes."""

    def __init__(self, app: ASGIApp, faults: FaultBox, hang_up: HangUp) -> None:
        self._app = app
        self._faults = faults
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or fail to."""
        if scope["type"] != "http" or not scope["path"].startswith(_MET):
            await self._app(scope, receive, send)
            return
        fault = self._faults.take(scope["path"])
        if fault.latency_ms:
            await asyncio.sleep(fault.latency_ms / 1000)
        match fault.mode:
            case "none":
                await self._app(scope, receive, send)
            case "drop_reply":
                await self._app(scope, receive, _swallow)
                self._hang_up(scope["client"])
                # Until the line is known to be gone the server would answer for an app that did not.
                while (await receive())["type"] != "http.disconnect":
                    pass
            case "refuse":
                await _reply(send, 403, _problem("TRAINING-REFUSES"))
            case "http500":
                await _reply(send, 500, _problem("TRAINING-FAILS"))
            case "busy":
                await _reply(send, 503, _problem("TRAINING-BUSY"), (b"retry-after", str(RETRY_AFTER_S).encode()))
            case "nonsense":
                await _reply(send, 200, _NONSENSE)


async def _swallow(_message: Message) -> None:
    await asyncio.sleep(0)


def _problem(code: str) -> bytes:
    return json.dumps({"code": code, "message": "told to by /training/faults"}).encode()


async def _reply(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    head = [(b"content-type", b"application/json"), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
