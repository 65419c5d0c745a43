"""The training province called in this process: one event loop on a thread of its own, no socket in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message

CLIENT = ("127.0.0.1", 50000)


@dataclass(frozen=True)
class Told:
    """What an application answered to one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class AsgiCaller:
    """Calls one application; an exception that leaves it leaves `call` too."""

    app: ASGIApp
    portal: BlockingPortal

    def call(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Told:
        """Ask once and wait for the whole answer."""
        return self.portal.call(self._answer, method, path, query, body, {"host": "127.0.0.1", **(headers or {})})

    async def _answer(self, method: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> Told:
        given = {"content-length": str(len(body)), **{name.lower(): value for name, value in headers.items()}}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
            "client": CLIENT,
            "server": ("127.0.0.1", 80),
        }
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await self.app(scope, receive, send)
        answered = {name.decode("latin-1"): value.decode("latin-1") for name, value in told[0]["headers"]}
        return Told(told[0]["status"], answered, b"".join(part.get("body", b"") for part in told[1:]))


@contextmanager
def caller(app: ASGIApp) -> Iterator[AsgiCaller]:
    """Call an application as long as the block lasts."""
    with start_blocking_portal() as portal:
        yield AsgiCaller(app, portal)
