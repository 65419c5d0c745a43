"""The door for making a card at the window (business.md 2.2): each write once a serial, however often it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.card_service_port import MakingRequest


@dataclass(frozen=True)
class MakingCall:
    """One step of one request; `serial` is made before the first try."""

    serial: str
    request_no: str


@dataclass(frozen=True)
class MakingData:
    """What is written to the chip and printed on the face; nothing of it is empty."""

    request_no: str
    card_number: str = field(repr=False)
    citizen_number: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    nation: str
    birth_date: date = field(repr=False)
    issued: date
    expires: date
    region: str
    bank_line: str
    bank_account: str = field(repr=False)
    photo_sm3: str


@dataclass(frozen=True)
class MadeCard:
    """回盘 of a card that was made: what was read back from it."""

    card_id: str
    atr: str
    """Hex."""
    bank_account: str = field(repr=False)


@dataclass(frozen=True)
class FailedCard:
    """回盘 of a blank that was spoilt: the stage (失败环节) and why."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Enabled:
    """启用: the new card's state, and the cards that ended by it (AAZ501)."""

    social: SocialState
    version: int
    old_cards: tuple[str, ...]


class Making(Protocol):
    """Refusals: those of the province, SERIAL-USED and MAKING-… (see the catalogue's card_services.toml)."""

    def lock(self, call: MakingCall) -> MakingRequest | Refusal:
        """Take a request for this device: one maker at a time."""
        ...

    def unlock(self, call: MakingCall) -> MakingRequest | Refusal:
        """Let go of a request."""
        ...

    def batch(self, call: MakingCall) -> MakingRequest | Refusal:
        """Mark as made at once; a request that has its batch keeps it."""
        ...

    def data(self, call: MakingCall) -> MakingData | Refusal:
        """Fetch what is written and printed."""
        ...

    def result(self, call: MakingCall, result: MadeCard | FailedCard) -> MakingRequest | Refusal:
        """Report one blank (社保回盘)."""
        ...

    def enable(self, call: MakingCall) -> Enabled | Refusal:
        """启用 of the card that was made."""
        ...
