"""What a card check may be given beyond the card: its keys, the national driver, a hand that pulls it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from hardware.ports import Pin


class KeyHolder(Protocol):
    """Whoever holds all keys of one test card; keys go by name, such as `PUK` or `RK1DF01`."""

    def prove(self, key: str, challenge: bytes) -> bytes:
        """Return `鉴别数据8‖原始信息8` for EXTERNAL AUTHENTICATE."""
        ...

    def mac(self, key: str, challenge: bytes, message: bytes) -> bytes:
        """Return the MAC, 4 bytes, over header, Lc and data."""
        ...


@dataclass(frozen=True)
class DriverAnswer:
    """What a function of the national driver returned; `text` holds fields or an error's words, and is personal."""

    code: int
    text: str = field(repr=False)
    needs_hsm: bool = False
    """The driver's PSAM cannot, or there is none: the code sends to the HSM set."""


@dataclass(frozen=True)
class NoAnswer:
    """A call that ended without an answer: no such function, text that is none, a driver that hung or crashed."""

    why: str
    """Functions and kinds of faults, never data of a card."""


class NationalDriver(Protocol):
    """The calls of the national driver (card.md 4.1) that cases are about; it finds the card free."""

    def read_base(self) -> DriverAnswer | NoAnswer:
        """Call iReadCardBas."""
        ...

    def read_card(self, card_info: str, file_address: str) -> DriverAnswer | NoAnswer:
        """Call iReadCard; `card_info` is `卡识别码|卡号|`."""
        ...


class Hand(Protocol):
    """Whoever can take the card out."""

    def pull(self) -> None:
        """Take it out, or ask a person to."""
        ...

    def wait(self) -> bool:
        """Let a moment pass in which the card may leave; False when the time for that is over."""
        ...


class Permission(Enum):
    """How far a check may go."""

    READING = auto()
    WRITING = auto()
    """Writes, and uses tries of the 社保密码, which are given back."""
    BLOCKING = auto()
    """Ends the card's life in the last case."""


@dataclass(frozen=True, repr=False)
class CheckMeans:
    """What a check is run with; a case that lacks its means does not apply."""

    permission: Permission = Permission.READING
    pin: Pin | None = None
    keys: KeyHolder | None = None

    @property
    def may_write(self) -> bool:
        """Tell whether cases may write."""
        return self.permission is not Permission.READING
