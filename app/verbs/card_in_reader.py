"""What verbs share that work with the card in the reader: its owner for a while, and how a fault is told."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.domain.refusal import Refusal
from app.services.card_faults import refusal_of
from app.verbs.printing import print_refusal
from hardware.ports import CardChannel, CardFault, CardFaultKind, ReaderState, ReaderStatus

if TYPE_CHECKING:
    from hardware.readers.supervisor import ReaderSupervisor

T = TypeVar("T")

_SETTLE = 0.6
"""Seconds in which the service may still notice a card that was just inserted."""
_LIMIT = 120.0


@dataclass(frozen=True)
class CardInReader:
    """The card in the reader whose name holds what was given."""

    supervisor: ReaderSupervisor
    told: Mapping[ReaderState, ReaderStatus]
    """The last of each state that was published so far."""

    @property
    def reader(self) -> str | None:
        """Return the reader's whole name."""
        return self.supervisor.status.reader

    def use(self, work: Callable[[CardChannel], T | CardFault]) -> T | CardFault:
        """Run work in one transaction, and wait for it."""
        try:
            return self.supervisor.use(work).result(_LIMIT)
        except TimeoutError:
            return CardFault(CardFaultKind.MUTE, "time-out")


@contextmanager
def card_in_reader(reader: str | None) -> Iterator[CardInReader]:
    """Own the readers until the end of the block."""
    from app.catalogue import readers
    from hardware.readers.service import pcsc_context
    from hardware.readers.supervisor import ReaderSupervisor

    ready = threading.Event()
    told: dict[ReaderState, ReaderStatus] = {}

    def note(status: ReaderStatus) -> None:
        told[status.state] = status
        if status.state is not ReaderState.EMPTY:
            ready.set()

    supervisor = ReaderSupervisor(pcsc_context, note, reader, readers.load())
    supervisor.start()
    try:
        ready.wait(_SETTLE)
        yield CardInReader(supervisor, told)
    finally:
        supervisor.stop()


def add_reader_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line say which reader."""
    parser.add_argument("--reader", metavar="NAME", help="part of the reader's name")


def print_fault(fault: CardFault, reader: str | None) -> None:
    """Tell a fault; a reader that was named and is not there is told by its name."""
    unnamed = reader and fault.kind is CardFaultKind.NO_READER
    print_refusal(Refusal.of("READER-NOT-NAMED", name=reader) if unnamed else refusal_of(fault))
