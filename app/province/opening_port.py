"""The bank's second door: opening the account of a new card, and 回盘 of a card that keeps its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.domain.refusal import Refusal
from app.province.bank_port import BankOutcome


@dataclass(frozen=True)
class OpeningCall:
    """开户 of a Class-I account; `serial` is made before the first try."""

    serial: str
    request_no: str
    bank_line: str
    holder: str = field(repr=False)
    id_type: str
    """AAC058."""
    citizen_number: str = field(repr=False)
    id_expires: date | None
    """None for ever."""
    phone: str = field(repr=False)
    occupation: str
    consented: bool


@dataclass(frozen=True)
class ReturnCall:
    """银行回盘 of a same-number card."""

    serial: str
    request_no: str
    account: str = field(repr=False)
    card_id: str
    written: bool


@dataclass(frozen=True)
class OpeningAnswer:
    """The bank's word; `account` where one is open: applied (now) or already (before, never a second one)."""

    serial: str
    outcome: BankOutcome
    reason: str | None
    account: str | None = field(repr=False)
    at: datetime


class Openings(Protocol):
    """Refusals: BANK-AWAY, BANK-BUSY, BANK-NONSENSE (each may have taken effect); BANK-REFUSED surely did not."""

    def open_account(self, call: OpeningCall) -> OpeningAnswer | Refusal:
        """Open an account."""
        ...

    def report(self, call: ReturnCall) -> OpeningAnswer | Refusal:
        """Tell whether the finance part was written."""
        ...
