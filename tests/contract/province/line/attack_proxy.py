"""A proxy between a counter and its province that changes, holds, repeats and makes up what passes."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

PATIENCE_S = 8.0
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One HTTP message: its first line, its headers in their order, its body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def raw(self) -> bytes:
        """Return it as it is on the wire."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body

    def of(self, name: str) -> str:
        """Return a header's first value, or nothing."""
        return next((value for found, value in self.headers if found.lower() == name.lower()), "")

    def without(self, *names: str) -> Message:
        """Return it without some headers."""
        gone = {name.lower() for name in names}
        return replace(self, headers=tuple(row for row in self.headers if row[0].lower() not in gone))

    def with_header(self, name: str, value: str) -> Message:
        """Return it with a header in the place of those of its name."""
        bare = self.without(name)
        return replace(bare, headers=(*bare.headers, (name, value)))

    def also(self, name: str, value: str) -> Message:
        """Return it with a header beside those of its name."""
        return replace(self, headers=(*self.headers, (name, value)))

    def with_body(self, body: bytes) -> Message:
        """Return it with another body and its length."""
        return replace(self, body=body).with_header("Content-Length", str(len(body)))


Pieces = Sequence[bytes | float | None]
"""What is sent: bytes, seconds between them, and None for the end of the line then and there."""
Change = Callable[[Message], Pieces]


def as_it_is(message: Message) -> Pieces:
    """Change nothing."""
    return [message.raw()]


@dataclass
class AttackProxy:
    """Listens on loopback; each connection carries one request."""

    upstream: tuple[str, int]
    on_request: Change = as_it_is
    on_reply: Change = as_it_is

    def __post_init__(self) -> None:
        self.requests: list[Message] = []
        self.replies: list[Message] = []
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="attack proxy")
        self._thread.start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def calm(self) -> None:
        """Change nothing from now on."""
        self.on_request, self.on_reply = as_it_is, as_it_is

    def stop(self) -> None:
        """End it, when every connection has ended."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def pass_on(self, line: socket.socket) -> None:
        """Carry one request and its reply."""
        request = read_message(line)
        if request is None:
            return
        self.requests.append(request)
        reply = exchange(self.upstream, self.on_request(request.with_header("Connection", "close")))
        if reply is None:
            return
        self.replies.append(reply)
        with contextlib.suppress(OSError):
            send(line, self.on_reply(reply.with_header("Connection", "close")))


def exchange(address: tuple[str, int], pieces: Pieces) -> Message | None:
    """Send pieces over a line of their own, and return the last reply that came; None when none came."""
    with socket.create_connection(address, PATIENCE_S) as line:
        with contextlib.suppress(OSError):
            send(line, pieces)
        last = None
        if pieces[-1] is None:
            return None
        with contextlib.suppress(OSError):
            while (found := read_message(line)) is not None:
                last = found
        return last


def send(line: socket.socket, pieces: Pieces) -> None:
    """Send pieces in their time."""
    for piece in pieces:
        if piece is None:
            line.shutdown(socket.SHUT_RDWR)
        elif isinstance(piece, bytes):
            line.sendall(piece)
        else:
            time.sleep(piece)


def read_message(line: socket.socket) -> Message | None:
    """Read one message whose length is given; one without a length ends with the line. None when there is none."""
    line.settimeout(PATIENCE_S)
    found = b""
    for piece in _pieces(line):
        found += piece
        if b"\r\n\r\n" in found:
            break
    head, _, body = found.partition(b"\r\n\r\n")
    if not head:
        return None
    start, *rows = head.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (row.partition(":") for row in rows))
    message = Message(start, headers, b"")
    length = message.of("Content-Length")
    wanted = int(length) if length else 0 if "HTTP/1.1" in start[8:] else _LARGEST
    while len(body) < wanted and (piece := line.recv(min(65536, wanted - len(body)))):
        body += piece
    return replace(message, body=body[:wanted])


def _pieces(line: socket.socket) -> Iterator[bytes]:
    # Byte by byte, so that nothing of a next message is taken.
    while piece := line.recv(1):
        yield piece


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True


def _handler(proxy: AttackProxy) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(ConnectionError, TimeoutError):
                proxy.pass_on(self.request)

    return Handler
