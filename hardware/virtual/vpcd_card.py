"""Plugs a virtual card into the real PC/SC service: a TCP client of vpcd (platform.md "Real PC/SC without a card").

Run it in a process of its own: inside the reading process it hung at interpreter exit.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from enum import Enum, StrEnum, auto
from typing import Protocol

from hardware.virtual.card_os import VirtualCard
from hardware.virtual.chip import CardSilent, VirtualChip
from hardware.virtual.profiles import CardProfile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import PsamProfile

VPCD_PORT = 35963
_CONTROL_ATR = 0x04
_GARBLE = b"\x00"
"""What a reader hears of a card that stops answering: no whole status word; an empty frame would hang vpcd."""
_AGAIN = 0.2
_PATIENCE = 3.0
"""Seconds in which vpcd asks a card that it has taken for the first time; it polls each 0.4 s."""


class StopSignal(Protocol):
    """A threading or multiprocessing Event."""

    def is_set(self) -> bool:
        """Tell whether to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the stop at most this many seconds."""
        ...


class PlugEnd(StrEnum):
    """Why a card left vpcd."""

    STOPPED = "stopped"
    PULLED = "pulled"
    NOBODY_LISTENS = "nobody_listens"
    OCCUPIED = "occupied"


class _Line(Enum):
    STOPPED = auto()
    BROKEN = auto()
    PULLED = auto()
    UNASKED = auto()


def run_vpcd_card(
    profile: CardProfile | PsamProfile,
    host: str,
    port: int,
    stop: StopSignal,
    delay: float = 0.0,
    *,
    pull_after: int | None = None,
    insist: bool = True,
    on_plugged: Callable[[], None] | None = None,
) -> PlugEnd:
    """Serve one chip until told to stop or torn out after `pull_after` commands; `delay` seconds a card's command.

    With `insist` it connects again whenever vpcd comes back; without, a vpcd that is not there or has another
    card ends it at the first try. `on_plugged` is called each time vpcd has taken the card.
    """
    card: VirtualChip = VirtualPsam(profile) if isinstance(profile, PsamProfile) else VirtualCard(profile, delay)
    if pull_after is not None:
        card.pull_after(pull_after)
    was_plugged = False

    def plugged() -> None:
        nonlocal was_plugged
        was_plugged = True
        if on_plugged is not None:
            on_plugged()

    until = time.monotonic() + _PATIENCE
    while not stop.is_set():
        try:
            line = socket.create_connection((host, port), timeout=_AGAIN)
        except OSError as error:
            # vpcd takes one line at a look: another one waits there, or is in.
            queued = isinstance(error, TimeoutError)
            if not insist and not was_plugged and not (queued and time.monotonic() < until):
                return PlugEnd.OCCUPIED if queued else PlugEnd.NOBODY_LISTENS
            stop.wait(_AGAIN)
            continue
        with line:
            end = _serve(line, card, stop, plugged)
        if was_plugged and end in (_Line.STOPPED, _Line.PULLED):
            _leave_an_empty_slot(host, port)
        if end is _Line.PULLED:
            return PlugEnd.PULLED
        if end is _Line.UNASKED and not insist and not was_plugged:
            return PlugEnd.OCCUPIED
    return PlugEnd.STOPPED


def _leave_an_empty_slot(host: str, port: int) -> None:
    """Put a dead line before the next card, so that pcscd's next look finds the slot empty.

    A command to the line that was closed makes vpcd drop it; vpcd's next look takes whoever waits, and without this
    pcscd would count no removal and no insertion, and keep the old card's answer to reset for the new card.
    """
    with contextlib.suppress(OSError):
        socket.create_connection((host, port), timeout=_AGAIN).close()


def _serve(line: socket.socket, card: VirtualChip, stop: StopSignal, plugged: Callable[[], None]) -> _Line:
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = False
    until = time.monotonic() + _PATIENCE
    while True:
        head = _receive(line, 2, stop, None if asked else until)
        if isinstance(head, _Line):
            return head
        message = _receive(line, int.from_bytes(head), stop, None)
        if isinstance(message, _Line):
            return message
        if not asked:
            asked = True
            plugged()
        try:
            answer = _answer(card, message)
            if answer is not None:
                line.sendall(len(answer).to_bytes(2) + answer)
        except OSError:
            return _Line.BROKEN
        if card.gone:
            return _Line.PULLED


def _answer(card: VirtualChip, message: bytes) -> bytes | None:
    """Answer one message; None for a control byte that has no answer or a card torn out."""
    if len(message) == 1:
        if message[0] == _CONTROL_ATR:
            return card.atr
        card.reset()
        return None
    try:
        return card.transmit(message)
    except CardSilent:
        return None if card.gone else _GARBLE


def _receive(line: socket.socket, length: int, stop: StopSignal, until: float | None) -> bytes | _Line:
    """Receive exactly so many bytes; until a given monotonic time when nothing at all has come."""
    parts = b""
    while len(parts) < length:
        if stop.is_set():
            return _Line.STOPPED
        if until is not None and time.monotonic() > until:
            return _Line.UNASKED
        _acknowledge_at_once(line)
        try:
            part = line.recv(length - len(parts))
        except TimeoutError:
            continue
        except OSError:
            return _Line.BROKEN
        if not part:
            return _Line.BROKEN
        parts += part
    return parts


def _acknowledge_at_once(line: socket.socket) -> None:
    # vpcd writes length and payload apart; a delayed acknowledgement between them costs 44 ms a command.
    quick = getattr(socket, "TCP_QUICKACK", None)
    if isinstance(quick, int):
        line.setsockopt(socket.IPPROTO_TCP, quick, 1)
