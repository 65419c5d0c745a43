"""The door for the register of terminals (终端台账) and for 好差评."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from app.domain.refusal import Refusal


class TerminalKind(StrEnum):
    """What stands at a window."""

    READER = "reader"
    COUNTER = "counter"
    KIOSK = "kiosk"
    CARD_PRINTER = "card_printer"
    SCANNER = "scanner"
    PAD = "pad"
    OTHER = "other"


@dataclass(frozen=True)
class Terminal:
    """One terminal and where it stands."""

    terminal_no: str
    """终端机编号, 12 digits."""
    organisation: str
    kind: TerminalKind
    model: str
    region: str
    position: str


@dataclass(frozen=True)
class RegisteredTerminal:
    """A terminal as the register has it."""

    terminal: Terminal
    registered: bool
    at: datetime


class RatingLevel(IntEnum):
    """The five levels of GB/T 39734; a service that nobody rated has none."""

    VERY_GOOD = 5
    GOOD = 4
    FAIR = 3
    BAD = 2
    VERY_BAD = 1


@dataclass(frozen=True)
class Rating:
    """The holder's evaluation of one operation; items are efficiency, skill, attitude."""

    serial: str
    op_id: str
    level: RatingLevel
    items: tuple[str, ...] = ()
    comment: str = ""
    channel: str = "window"


@dataclass(frozen=True)
class RatingTaken:
    """The evaluation's number; a bad one is called back by a time."""

    rating_no: str
    call_back_by: datetime | None


class Registers(Protocol):
    """Refusals: those of the province, SERIAL-USED, OP-UNKNOWN, RATING-EXISTS, TERMINAL-…."""

    def register(self, serial: str, terminal: Terminal) -> RegisteredTerminal | Refusal:
        """Enter a terminal of this device, or say anew where it stands."""
        ...

    def strike_off(self, serial: str, terminal_no: str) -> RegisteredTerminal | Refusal:
        """Strike a terminal of this device off."""
        ...

    def terminals(self) -> tuple[RegisteredTerminal, ...] | Refusal:
        """Ask for this device's terminals."""
        ...

    def rate(self, rating: Rating) -> RatingTaken | Refusal:
        """Deliver an evaluation."""
        ...
