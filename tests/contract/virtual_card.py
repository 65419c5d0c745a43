"""A virtual card or PSAM in a slot of vpcd, served by a process of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event

from hardware.readers.service import pcsc_context
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam_profiles import PsamProfile
from hardware.virtual.vpcd_card import run_vpcd_card


@dataclass
class PluggedCard:
    """One process that serves one card."""

    process: ForkServerProcess
    stop: Event

    def pull(self) -> None:
        """Take the card out, and wait for its process."""
        self.stop.set()
        self.process.join(10)
        assert self.process.exitcode == 0


@contextmanager
def plugged(
    profile: str | PsamProfile, port: int, *, delay: float = 0.0, pull_after: int | None = None
) -> Iterator[PluggedCard]:
    """Keep a card, named by its profile, or a PSAM in the slot behind `port`; `delay` seconds a command."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hardware.virtual.vpcd_card"])
    stop = context.Event()
    process = context.Process(
        target=run_vpcd_card,
        args=(load_profile(profile) if isinstance(profile, str) else profile, "127.0.0.1", port, stop, delay),
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


def wait_for(present: bool) -> None:
    """Wait until the service shows every slot so."""
    context = pcsc_context()
    until = time.monotonic() + 10.0
    while any(slot.present for slot in context.slots()) is not present:
        assert time.monotonic() < until
        context.wait(0.2)
    context.release()


@contextmanager
def inserted(name: str, port: int) -> Iterator[PluggedCard]:
    """Keep a card in the first slot, and begin when the service has noticed it."""
    wait_for(present=False)
    with plugged(name, port) as card:
        wait_for(present=True)
        yield card
