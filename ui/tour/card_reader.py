"""The tour's card reader: in a real PC/SC service where there can be one, else in the process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.services.devices import pcsc_runs
from hardware.ports import ReaderState
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.private_pcscd import FIRST_READER, SERVICE_SOCKET, PcscdNotStarted, missing, private_pcscd
from hardware.virtual.profiles import load_profile
from hardware.virtual.vpcd_card import VPCD_PORT

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow

_PROGRAM_ROOT = Path(__file__).parents[2]
_LONGEST_S = 600
"""A card that nobody takes out leaves by itself after so many seconds."""
_LEAVE_S = 10.0


class CardService(StrEnum):
    """What reads the tour's cards, as `tour.json` tells it."""

    RUNNING = "pcscd"
    PRIVATE = "private_pcscd"
    IN_PROCESS = "in_process"
    DRIVER = "driver"


class TourReader(Protocol):
    """A reader that the tour puts cards into."""

    @property
    def service(self) -> CardService:
        """Tell what reads the cards."""
        ...

    @property
    def setting(self) -> str:
        """Return the line of `counter.toml` that names it."""
        ...

    @property
    def watches(self) -> bool:
        """Tell whether it says by itself that a card is there."""
        ...

    def insert(self, flow: ClerkFlow, profile: str) -> None:
        """Put a virtual card into the reader."""
        ...

    def remove(self, flow: ClerkFlow) -> None:
        """Take the card out, if one is in."""
        ...


@contextmanager
def some_card_reader() -> Iterator[TourReader]:
    """Use a PC/SC service that runs with an empty virtual reader, else one of the tour's own, else the process."""
    with ExitStack() as stack:
        yield _open(stack)


def _open(stack: ExitStack) -> TourReader:
    if _empty_virtual_reader_runs():
        reader = VpcdReader(CardService.RUNNING, VPCD_PORT)
    elif (port := _port_of_a_private_service(stack)) is not None:
        reader = VpcdReader(CardService.PRIVATE, port)
    else:
        return InProcessReader()
    stack.callback(reader.take_out)
    return reader


def _port_of_a_private_service(stack: ExitStack) -> int | None:
    if missing() is not None:
        return None
    try:
        port = stack.enter_context(private_pcscd()).port
    except PcscdNotStarted:
        return None
    # pcscd does without the library that the counter needs.
    return port if pcsc_runs() else None


def _empty_virtual_reader_runs() -> bool:
    """Ask by a process of its own: PC/SC's library keeps for good the socket that it looked for first."""
    if not SERVICE_SOCKET.exists() or not _listens(VPCD_PORT):
        return False
    read = ["card", "read", "--json", "--reader", FIRST_READER]
    said = subprocess.run([*_program(), *read], cwd=_PROGRAM_ROOT, capture_output=True, timeout=60, check=False)
    try:
        seen = json.loads(said.stdout)
    except ValueError:
        return False
    return bool(seen["state"] == ReaderState.EMPTY)


def _program() -> list[str]:
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app.verbs.entry"]


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except TimeoutError:
        # vpcd lets one wait: a card has just left, or another one is about to come.
        return True
    except OSError:
        return False
    return True


@dataclass
class VpcdReader:
    """A reader of vpcd in a real PC/SC service; a process of `card plug` is the card."""

    service: CardService
    port: int
    setting: str = f'reader = "{FIRST_READER}"'
    watches: bool = True
    _card: subprocess.Popen[bytes] | None = field(default=None)

    def insert(self, flow: ClerkFlow, profile: str) -> None:  # noqa: ARG002 - the card is outside the program
        """Start a card's process."""
        plug = ["card", "plug", profile, "--port", str(self.port), "--seconds", str(_LONGEST_S)]
        self._card = subprocess.Popen(
            [*_program(), *plug], cwd=_PROGRAM_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def remove(self, flow: ClerkFlow) -> None:  # noqa: ARG002 - the card is outside the program
        """End the card's process."""
        self.take_out()

    def take_out(self) -> None:
        """End the card's process, if there is one."""
        if self._card is not None:
            self._card.terminate()
            try:
                self._card.wait(_LEAVE_S)
            except subprocess.TimeoutExpired:
                self._card.kill()
                self._card.wait()
            self._card = None


@dataclass(frozen=True)
class InProcessReader:
    """The virtual reader that a training counter has in its own process."""

    service: CardService = CardService.IN_PROCESS
    setting: str = 'reader = "virtual"'
    watches: bool = True

    def insert(self, flow: ClerkFlow, profile: str) -> None:
        """Put a virtual card into the reader."""
        reader = flow.counter.virtual_reader
        assert reader is not None
        reader.insert(VirtualCard(load_profile(profile)))

    def remove(self, flow: ClerkFlow) -> None:
        """Take the card out."""
        reader = flow.counter.virtual_reader
        assert reader is not None
        reader.remove()
