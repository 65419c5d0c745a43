"""How the training province misbehaves when told to: slow, refusing, broken, silent, talking nonsense, busy, twice."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.training.fault_plan import FaultPlan
from app.training.wire_models import FaultBody

HangUp = Callable[[tuple[str, int]], None]
"""Closes the connection of a client (host, port) without a word."""

PROVINCE, BANK = "/v1", "/bank/v1"
_DOORS = (PROVINCE, BANK)
_NONSENSE = '{"answers": "是", "now": 17, "check_id": [], "usable": "maybe"'.encode()
RETRY_AFTER_S = 1


class FaultBox:
    """What is to go wrong with the next requests at each door: as told, else by the plan of a file; thread-safe."""

    def __init__(self, plan: FaultPlan | None = None) -> None:
        self._lock = threading.Lock()
        self._faults: dict[str, FaultBody] = {}
        self._left: dict[str, int | None] = {}
        self._plan = plan or FaultPlan(())

    def set(self, fault: FaultBody) -> None:
        """Replace what is to go wrong at the door that the path belongs to: the bank's, else the province's."""
        door = BANK if (fault.path or "").startswith(BANK) else PROVINCE
        with self._lock:
            self._faults[door] = fault
            self._left[door] = fault.count

    def told(self) -> Mapping[str, FaultBody]:
        """Return what each door was told, by its path."""
        with self._lock:
            return dict(self._faults)

    def planned(self) -> Sequence[FaultBody]:
        """Return the plan of the file."""
        return self._plan.faults

    def take(self, path: str) -> FaultBody:
        """Return what goes wrong with a request to this path, and count it."""
        door = BANK if path.startswith(BANK) else PROVINCE
        with self._lock:
            fault, left = self._faults.get(door), self._left.get(door)
            if fault is None or not path.startswith(fault.path or door) or left == 0:
                return self._plan.take(path, door)
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
                await _reply(send, 503, _problem("TRAINING-BUSY"), _retry_after(fault))
            case "maintenance":
                await _reply(send, 503, _problem("TRAINING-MAINTENANCE"), _retry_after(fault))
            case "status":
                await _reply(send, fault.status, _problem("TRAINING-STATUS"))
            case "duplicate":
                body = await _whole(receive)
                await self._app(scope, _again(body), _swallow)
                await self._app(scope, _again(body), send)
            case "codes":
                await self._app(scope, receive, _Recoded(send, fault.codes))
            case "nonsense":
                await _reply(send, 200, _NONSENSE)

    async def _end_line(self, scope: Scope, receive: Receive) -> None:
        self._hang_up(scope["client"])
        # Until the line is known to be gone the server would answer for an app that did not.
        while (await receive())["type"] != "http.disconnect":
            pass


class _Recoded:
    """A sender that holds a JSON reply back and puts other codes into its fields."""

    def __init__(self, send: Send, codes: Mapping[str, str]) -> None:
        self._send = send
        self._codes = codes
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False) or self._start is None:
            return
        try:
            body = json.dumps(_recoded(json.loads(self._body), self._codes), ensure_ascii=False).encode()
        except ValueError:
            body = self._body
        kept = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _recoded(value: object, codes: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {name: codes.get(name, _recoded(found, codes)) for name, found in value.items()}
    return [_recoded(found, codes) for found in value] if isinstance(value, list) else value


async def _whole(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _retry_after(fault: FaultBody) -> tuple[bytes, bytes]:
    return b"retry-after", str(fault.retry_after_s).encode()


async def _swallow(_message: Message) -> None:
    await asyncio.sleep(0)


def _problem(code: str) -> bytes:
    return json.dumps({"code": code, "message": "told to by /training/faults"}).encode()


async def _reply(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    head = [(b"content-type", b"application/json"), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
