"""How a window reads a resident ID: over a serial line, by a library of its own, or by that of the card's box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.domain.refusal import Refusal
from app.services.reader_faults import refusal_of_box, refusal_of_id
from hardware.readers.box import BoxFault, Opened, ReaderBox
from hardware.resident_id.session import IdFault, IdReading
from hardware.resident_id.text_block import ResidentId


class ResidentIdReading(Protocol):
    """Reads resident IDs."""

    def read_id(self) -> ResidentId | Refusal:
        """Read the card that lies on the reader; may block for seconds."""
        ...


class IdBox(Opened, Protocol):
    """An open reader of resident IDs."""

    def read_id(self) -> IdReading | IdFault:
        """Read the card that lies on it; raises BoxLost."""
        ...


class NoIdReader:
    """A window that has none."""

    def read_id(self) -> ResidentId | Refusal:
        """Say so."""
        return Refusal("IDREADER-NONE")


class IdBoxReading:
    """A ResidentIdReading and the owner of a box that has nothing else; it is opened by its first use."""

    def __init__(self, open_box: Callable[[], IdBox]) -> None:
        self._box = ReaderBox(open_box, "id-reader")

    def start(self) -> None:
        """Start the box's thread."""
        self._box.start()

    def stop(self) -> None:
        """Finish the reading in hand, close the box and end the thread."""
        self._box.stop()

    def read_id(self) -> ResidentId | Refusal:
        """Read the card; one that could not be read, and a box that was lost, have their codes."""
        return id_or_refusal(self._box.use(lambda box: box.read_id()).result())


def id_or_refusal(outcome: IdReading | IdFault | BoxFault | None) -> ResidentId | Refusal:
    """Return the card, without its photo, or the refusal that it is told under; None is a box without such a reader."""
    match outcome:
        case IdReading(card):
            return card
        case IdFault():
            return refusal_of_id(outcome)
        case BoxFault():
            return refusal_of_box(outcome)
        case None:
            return Refusal("IDREADER-NONE")
