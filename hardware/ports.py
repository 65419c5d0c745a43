"""What a reader, printer or scanner can do: Protocols and the values that cross them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ReaderState(StrEnum):
    """The five states that a reader supervisor publishes, and the one of a reader that does not watch its slot."""

    NO_SERVICE = "no_service"
    NO_READER = "no_reader"
    EMPTY = "empty"
    FOREIGN = "foreign"
    READY = "ready"
    ON_REQUEST = "on_request"
    """A box behind a maker's library: it says what is in it when it is asked, and not before."""


@dataclass(frozen=True)
class ReaderStatus:
    """What stands in the reader now."""

    state: ReaderState
    reader: str | None = None
    atr: bytes | None = None
    contactless: bool = False


class CardFaultKind(StrEnum):
    """Why a card could not be used; what the world did, not a defect."""

    NO_SERVICE = "no_service"
    NO_READER = "no_reader"
    NO_CARD = "no_card"
    FOREIGN = "foreign"
    PULLED = "pulled"
    SWAPPED = "swapped"
    BUSY = "busy"
    MUTE = "mute"
    MALFORMED = "malformed"
    REFUSED = "refused"
    NOT_GENUINE = "not_genuine"
    AUTHENTICATOR_AWAY = "authenticator_away"


@dataclass(frozen=True)
class CardFault:
    """The outcome of a card use that ended early; `detail` holds status words, never personal data."""

    kind: CardFaultKind
    detail: str = ""


class CardGone(Exception):
    """The channel's card left, was reset by others or stopped answering; ends in a CardFault."""

    def __init__(self, kind: CardFaultKind, detail: str = "") -> None:
        super().__init__(f"{kind} {detail}")
        self.fault = CardFault(kind, detail)


class CardChannel(Protocol):
    """A powered card in one transaction."""

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        ...

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        """Send one command APDU and return data and status word; raises CardGone."""
        ...


@dataclass(frozen=True, repr=False)
class Pin:
    """A 社保密码, four to sixteen digits; never shown, logged or stored. Raises ValueError for anything else."""

    digits: str

    def __post_init__(self) -> None:
        """Check the digits."""
        if not (self.digits.isascii() and self.digits.isdigit() and 4 <= len(self.digits) <= 16):
            raise ValueError("four to sixteen digits")

    @property
    def bcd(self) -> bytes:
        """Return two to eight bytes, an odd number of digits filled with F."""
        return bytes.fromhex(self.digits + "F" * (len(self.digits) % 2))


class PinPurpose(StrEnum):
    """Which 社保密码 a pad asks for."""

    CURRENT = "current"
    NEW = "new"
    AGAIN = "again"
    """The new one a second time."""


class PinPadFault(StrEnum):
    """Why a pad gave no 社保密码."""

    NO_PAD = "no_pad"
    AWAY = "away"
    """One is set up, and does not answer."""
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    WRONG_LENGTH = "wrong_length"


class PinPad(Protocol):
    """Where the holder enters the 社保密码; never the clerk's keyboard."""

    def ask(self, purpose: PinPurpose) -> Pin | PinPadFault:
        """Wait for the holder's digits; may block for a minute, never called on the GUI thread."""
        ...


class PrintOutcome(StrEnum):
    """What a spooler said of a job."""

    ACCEPTED = "accepted"
    PRINTED = "printed"
    NO_PAPER = "no_paper"
    STOPPED = "stopped"
    NO_PRINTER = "no_printer"
    FAILED = "failed"


@dataclass(frozen=True)
class PrinterStatus:
    """State of a printer as its spooler tells it."""

    name: str | None
    outcome: PrintOutcome
    detail: str = ""


class DocumentPrinter(Protocol):
    """A printer that takes whole documents; may block for seconds, never called on the GUI thread."""

    def status(self) -> PrinterStatus:
        """Ask the spooler for the printer's state."""
        ...

    def submit(self, document: bytes, title: str) -> str | PrinterStatus:
        """Hand over the bytes unchanged; return the spooler's job id, or why not."""
        ...

    def job_outcome(self, job_id: str) -> PrintOutcome:
        """Ask what became of a job."""
        ...

    def find(self, title: str) -> str | PrinterStatus | None:
        """Look for the job that was queued under a title; None when there is none, or why nobody can tell."""
        ...
