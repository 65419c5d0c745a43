"""The door to the bank behind the card: the linked loss call, its release, and asking what became of either.

Every request carries a serial of ours, and takes effect once however often it comes. Calls block.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.refusal import Refusal

FORMAL_LOSS = "3"
"""LossRegType of a formal loss (business.md 1.4)."""


class BankOutcome(StrEnum):
    """What became of one serial."""

    APPLIED = "applied"
    ALREADY = "already"
    """The account was in the wanted state before; nothing was changed under this serial."""
    REFUSED = "refused"
    CONFLICT = "conflict"
    """The serial was used before with other contents."""


@dataclass(frozen=True)
class LossCall:
    """Register a loss at the bank (银行挂失)."""

    serial: str
    account: str
    holder: str
    citizen_number: str
    loss_type: str = FORMAL_LOSS


@dataclass(frozen=True)
class ReleaseCall:
    """Take back the loss that an earlier serial registered (解除银行挂失)."""

    serial: str
    loss_serial: str
    account: str


@dataclass(frozen=True)
class BankAnswer:
    """The bank's word on one serial; `reason` is a code of the catalogue or the bank's own text."""

    serial: str
    outcome: BankOutcome
    reason: str | None
    at: datetime


class Bank(Protocol):
    """Refusal codes: BANK-AWAY, BANK-BUSY, BANK-NONSENSE (each may have taken effect); BANK-REFUSED surely did not."""

    def register_loss(self, call: LossCall) -> BankAnswer | Refusal:
        """Register a loss."""
        ...

    def release_loss(self, call: ReleaseCall) -> BankAnswer | Refusal:
        """Take a loss back."""
        ...

    def serial_status(self, serial: str) -> BankAnswer | Refusal | None:
        """Ask what became of a serial; None when the bank never saw it."""
        ...
