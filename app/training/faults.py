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

PROVINCE, BANK = "/v1", "/bank/v1"
_DOORS = (PROVINCE, BANK)
_NONSENSE = '{"answers": "是", "now": 17, "check_id": [], "usable": "maybe"'.encode()
RETRY_AFTER_S = 1


class FaultBox:
    """What is to go wrong with the next requests at each door; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[str, FaultBody] = {}
        self._left: dict[str, int | None] = {}

    def set(self, fault: FaultBody) -> None:
        """Replace what is to go wrong at the door that the path belongs to: the bank's, else the province's."""
        door = BANK if (fault.path or "").startswith(BANK) else PROVINCE
        with self._lock:
            self._faults[door] = fault
            self._left[door] = fault.count

    def take(self, path: str) -> FaultBody:
        """Return what goes wrong with a request to this path, and count it."""
        door = BANK if path.startswith(BANK) else PROVINCE
        with self._lock:
            fault, left = self._faults.get(door, FaultBody()), self._left.get(door)
            if not path.startswith(fault.path or door) or left == 0:
                return FaultBody()
            if left is not None:
                self._left[door] = left - 1
            return fault


class FaultyLine:
    """ASGI middleware between the line and the two doors; everything outside them passes."""

    def __init__(self, app: ASGIApp, faults: FaultBox, hang_up: HangUp) -> None:
        self._app = app
        self._faults = faults
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or fail to."""
        if scope["type"] != "http" or not scope["path"].startswith(_DOORS):
            await self._app(scope, receive, send)
            return
        fault = self._faults.take(scope["path"])
        if fault.latency_ms:
            await asyncio.sleep(fault.latency_ms / 1000)
        match fault.mode:
            case "none":
                await self._app(scope, receive, send)
            case "away":
                await self._end_line(scope, receive)
            case "drop_reply":
                await self._app(scope, receive, _swallow)
                await self._end_line(scope, receive)
            case "refuse":
                await _reply(send, 403, _problem("TRAINING-REFUSES"))
            case "http500":
                await _reply(send, 500, _problem("TRAINING-FAILS"))
            case "busy":
                await _reply(send, 503, _problem("TRAINING-BUSY"), (b"retry-after", str(RETRY_AFTER_S).encode()))
            case "nonsense":
                await _reply(send, 200, _NONSENSE)

    async def _end_line(self, scope: Scope, receive: Receive) -> None:
        self._hang_up(scope["client"])
        # Until the line is known to be gone the server would answer for an app that did not.
        while (await receive())["type"] != "http.disconnect":
            pass


async def _swallow(_message: Message) -> None:
    await asyncio.sleep(0)


def _problem(code: str) -> bytes:
    return json.dumps({"code": code, "message": "told to by /training/faults"}).encode()


async def _reply(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    head = [(b"content-type", b"application/json"), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
