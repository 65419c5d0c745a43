"""A bad line between a counter and a province: slow, losing replies, cutting them, saying things twice and late."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
_BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"


@dataclass
class BadLine:
    """What the line does to uploads, each with its own probability; everything else passes. `done` counts it."""

    seed: int = 0
    latency_s: float = 0.0
    lose: float = 0.0
    """The province has it; its reply is gone, and the connection with it."""
    halve: float = 0.0
    """Half of the reply arrives."""
    repeat: float = 0.0
    """The province gets it twice; the second reply arrives."""
    late: float = 0.0
    """The province gets it once more, after two later ones."""
    cut: bool = False
    """Nobody gets through."""
    choke: set[str] = field(default_factory=set)
    """A request that holds one of these texts is answered 500, and the province never sees it."""
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.delayed: list[bytes] = []

    def draw(self) -> str:
        """Return what happens to the next upload."""
        at = self._random.random()
        for name in ("lose", "halve", "repeat", "late"):
            at -= getattr(self, name)
            if at < 0:
                return name
        return "pass"


@contextlib.contextmanager
def bad_line(url: str, line: BadLine) -> Iterator[str]:
    """Listen on a free port of loopback and pass everything on to `url`, as the line does; gives its own address."""
    address = urlsplit(url)
    ready, port = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    writers: set[asyncio.StreamWriter] = set()

    async def serve() -> None:
        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.add(writer)
            try:
                while not line.cut and await _exchange(reader, writer, address.port or 80, line):
                    pass
            except (OSError, asyncio.IncompleteReadError):
                # One of both ends went away.
                line.done["gone"] += 1
            finally:
                writers.discard(writer)
                writer.close()

        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
        await server.wait_closed()
        # What was closed above is let go of in the next turn of the loop.
        await asyncio.sleep(0)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, name="bad line")
    thread.start()
    assert ready.wait(10)
    yield f"http://127.0.0.1:{port[0]}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, line: BadLine) -> bool:
    """Carry one request and its reply; False when the connection is to be closed."""
    request = await _message(reader)
    upload = request.startswith(b"POST /v1/operations ")
    await asyncio.sleep(line.latency_s)
    if upload and any(text.encode() in request for text in line.choke):
        line.done["choke"] += 1
        writer.write(_BROKEN)
        await writer.drain()
        return True
    does = line.draw() if upload else "pass"
    line.done[does] += upload
    reply = await _ask(port, request)
    if upload and len(line.delayed) > 2:
        await _ask(port, line.delayed.pop(0))
    if does == "repeat":
        reply = await _ask(port, request)
    elif does == "late":
        line.delayed.append(request)
    elif does == "lose":
        return False
    elif does == "halve":
        writer.write(reply[: len(reply) // 2])
        await writer.drain()
        return False
    writer.write(reply)
    await writer.drain()
    return True


async def _ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        return await _message(reader)
    finally:
        writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(_END_OF_HEAD)
    length = 0
    for name, _, value in (row.partition(b":") for row in head.split(b"\r\n")):
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)
