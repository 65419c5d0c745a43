"""A line between counter and province that loses, halves, repeats and delays: a TCP proxy that knows requests apart."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
_END_OF_HEAD = b"\r\n\r\n"


class Mishap(StrEnum):
    """What becomes of one request."""

    NONE = "none"
    REQUEST_LOST = "request lost"
    REPLY_LOST = "reply lost"
    HALF_A_REPLY = "half a reply"
    REPEATED = "repeated"
    LATE = "comes again later"
    SLOW = "slow"


class BadLine:
    """Passes requests on, each by a mishap drawn from a seed; what it does is counted."""

    def __init__(self, url: str, seed: int) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or LOOPBACK, address.port or 80
        self._chance = random.Random(seed)
        self._late: list[bytes] = []
        self._open: set[asyncio.StreamWriter] = set()
        self.happened: Counter[Mishap] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the counter until something on it breaks."""
        self._open.add(writer)
        try:
            while await self._pass_on(reader, writer):
                pass
        except (asyncio.IncompleteReadError, OSError):
            # Either side has gone: that is what lines do.
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """Close what the counter still holds."""
        for writer in tuple(self._open):
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Pass one request on; False where the connection is to end."""
        request = await _message(reader)
        mishap = self._chance.choice(tuple(Mishap)) if self._chance.random() < 0.6 else Mishap.NONE
        self.happened[mishap] += 1
        if mishap is Mishap.REQUEST_LOST:
            return False
        waiting, self._late = self._late, []
        for late in waiting:
            await self._ask(late)
        if mishap is Mishap.SLOW:
            await asyncio.sleep(0.05)
        reply = await self._ask(request)
        if mishap is Mishap.REPEATED:
            reply = await self._ask(request)
        if mishap is Mishap.LATE:
            self._late.append(request)
        if mishap in (Mishap.REPLY_LOST, Mishap.LATE):
            return False
        writer.write(reply[: len(reply) // 2] if mishap is Mishap.HALF_A_REPLY else reply)
        await writer.drain()
        return mishap is not Mishap.HALF_A_REPLY

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(request)
            await writer.drain()
            return await _message(reader)
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read one request or reply: its head, and as many bytes as the head tells."""
    head = await reader.readuntil(_END_OF_HEAD)
    length = 0
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-length":
            length = int(value)
    return head + await reader.readexactly(length)


@contextmanager
def bad_line(url: str, seed: int) -> Iterator[tuple[str, BadLine]]:
    """Put a bad line before an address for as long as the block lasts; gives the address to ask instead."""
    line, ready, stop = BadLine(url, seed), threading.Event(), asyncio.Event()
    address: list[str] = []
    loop = asyncio.new_event_loop()

    async def run() -> None:
        server = await asyncio.start_server(line.serve, LOOPBACK, 0)
        address.append(f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}")
        ready.set()
        async with server:
            await stop.wait()
        line.hang_up()
        await asyncio.gather(*(asyncio.all_tasks(loop) - {asyncio.current_task(loop)}))

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), name="bad line")
    thread.start()
    ready.wait()
    try:
        yield address[0], line
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
