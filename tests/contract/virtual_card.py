"""A virtual card in a slot of vpcd, served by a process of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event

from hardware.ports import CardGone
from hardware.readers.service import pcsc_context
from hardware.virtual.profiles import load_profile
from hardware.virtual.vpcd_card import run_vpcd_card

_POLL = 0.45
"""pcscd looks at a slot of vpcd each 0.4 s; a card that comes sooner, as no hand can, is taken for the old one."""


@dataclass
class PluggedCard:
    """One process that serves one card."""

    process: ForkServerProcess
    stop: Event

    def pull(self) -> None:
        """Take the card out, wait for its process, and until pcscd has noticed."""
        with noticed_removal():
            self.stop.set()
            self.process.join(10)
            assert self.process.exitcode == 0


@contextmanager
def noticed_removal() -> Iterator[None]:
    """Take a card out inside, and wait until pcscd has noticed."""
    before = _cards()
    yield
    time.sleep(_POLL)
    until = time.monotonic() + 5
    while before and _cards() == before and time.monotonic() < until:
        time.sleep(0.02)


def _cards() -> int:
    try:
        context = pcsc_context()
    except CardGone:
        return 0
    try:
        return sum(slot.present for slot in context.slots())
    finally:
        context.release()


@contextmanager
def plugged(profile: str, port: int, *, delay: float = 0.0, pull_after: int | None = None) -> Iterator[PluggedCard]:
    """Keep a card in the slot behind `port`; `delay` seconds a command."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hardware.virtual.vpcd_card"])
    stop = context.Event()
    process = context.Process(
        target=run_vpcd_card,
        args=(load_profile(profile), "127.0.0.1", port, stop, delay),
        kwargs={"pull_after": pull_after},
        daemon=True,
    )
    process.start()
    card = PluggedCard(process, stop)
    try:
        yield card
    finally:
        card.pull()
        process.close()
