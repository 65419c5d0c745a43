"""The gate before the training province: requests are checked, replies signed, and each refusal leaves an alarm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.line import Signing
from app.province import line_text
from app.training.faults import BANK, PROVINCE
from app.training.line_check import OPEN_PATHS, Admitted, Denied, Incoming, LineCheck
from app.training.line_desk import DeviceKey, LineDesk
from hardware.crypto import sm2

PeerCertificate = Callable[[tuple[str, int]], str | None]
"""Returns the fingerprint of the certificate that a client (host, port) proved over TLS; None for none."""

_DOORS = (f"{PROVINCE}/", f"{BANK}/")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class LineGate:
    """ASGI middleware; what is behind it sees bodies with everything sealed opened."""

    def __init__(
        self,
        app: ASGIApp,
        desk: LineDesk,
        check: LineCheck,
        peer: PeerCertificate,
        largest: int,
        body_s: float,
    ) -> None:
        self._app = app
        self._desk = desk
        self._check = check
        self._peer = peer
        self._largest = largest
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        secure = scope.get("scheme") == "https"
        if scope["type"] != "http" or not (secure or scope["path"].startswith(_DOORS)):
            await self._app(scope, receive, send)
            return
        request = _incoming(scope, self._peer(scope["client"]) if secure else None)
        if not scope["path"].startswith(_DOORS):
            await self._refuse(request, Denied(404, "LINE-NO-DOOR"), send)
            return
        # A device without keys speaks as before, to this machine only.
        if not secure and not _speaks_line(request) and not self._desk.has_keys(_device(request)):
            await self._pass_unsigned(scope, request, receive, send)
            return
        denied = self._check.framing(request.headers, request.method in _WITH_BODY)
        body = denied or await self._read(request, receive)
        if isinstance(body, Denied):
            await self._refuse(request, body, send)
            return
        request = _incoming(scope, request.fingerprint, body)
        found = self._check.check(request)
        if isinstance(found, Denied):
            await self._refuse(request, found, send)
            return
        await self._pass(scope, request, found, receive, send)

    async def _pass_unsigned(self, scope: Scope, request: Incoming, receive: Receive, send: Send) -> None:
        """Pass a request of a device without keys, unless its body speaks for one that has some."""
        length = request.one("content-length")
        readable = length.isascii() and length.isdigit() and int(length) <= self._largest
        if request.path in OPEN_PATHS or not (self._desk.any_keys and readable):
            await self._app(scope, receive, send)
            return
        body = await self._read(request, receive)
        if isinstance(body, Denied):
            await self._refuse(request, body, send)
        elif self._check.speaks_for_guarded(body):
            await self._refuse(request, Denied(401, "LINE-UNSIGNED"), send)
        else:
            await self._app(scope, _replayed(body, receive), send)

    async def _read(self, request: Incoming, receive: Receive) -> bytes | Denied:
        length = request.one("content-length")
        if length and (not length.isascii() or not length.isdigit() or int(length) > self._largest):
            return Denied(413, "LINE-TOO-LARGE")
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return Denied(400, "LINE-TRUNCATED")
                    body += message.get("body", b"")
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            return Denied(408, "LINE-SLOW")

    async def _pass(self, scope: Scope, request: Incoming, found: Admitted, receive: Receive, send: Send) -> None:
        """Have the request answered, and sign what is said once all of it is there."""
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await self._send(request, start["status"], list(start["headers"]), bytes(body), send)

        length = (b"content-length", str(len(found.body)).encode())
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        # A key id that a handler may rely on: it was proved.
        state = {**scope.get("state", {}), "line_key": request.one(line_text.KEY)}
        await self._app({**scope, "headers": [*headers, length], "state": state}, _replayed(found.body, receive), hold)

    async def _refuse(self, request: Incoming, denied: Denied, send: Send) -> None:
        await run_in_threadpool(self._desk.alarm, _device(request), denied.code)
        body = json.dumps({"code": denied.code, "message": denied.message}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if denied.code in ("LINE-SLOW", "LINE-TOO-LARGE", "LINE-TRUNCATED"):
            headers.append((b"connection", b"close"))
        await self._send(request, denied.status, headers, body, send)

    async def _send(
        self, request: Incoming, status: int, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> None:
        key = self._check.signer(request)
        if key is not None:
            retry_after = next((value for name, value in headers if name == b"retry-after"), b"").decode()
            text = line_text.reply_text(request.one(line_text.SIGNATURE), status, body, retry_after)
            headers.append((line_text.SIGNATURE.lower().encode(), self._signed(key, text).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _signed(self, key: DeviceKey, text: bytes) -> str:
        if key.signing is Signing.HMAC_SM3:
            return line_text.hmac_sm3(key.shared_key, text)
        assert self._desk.signing is not None, "opened first"
        return sm2.sign(self._desk.signing, text).hex()


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what tells a body that was read, and then what comes after it."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _incoming(scope: Scope, fingerprint: str | None, body: bytes = b"") -> Incoming:
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    secure = scope.get("scheme") == "https"
    return Incoming(secure, fingerprint, scope["method"], scope["path"], target, headers, body)


def _speaks_line(request: Incoming) -> bool:
    return any(request.one(name) for name in line_text.HEADERS if name != line_text.DEVICE)


def _device(request: Incoming) -> str:
    return unquote(request.one(line_text.DEVICE))
