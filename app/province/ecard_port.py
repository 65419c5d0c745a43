"""The door for e-cards: codes that a holder shows, codes that the hall shows (扫码登录), state and authorisation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.ecard import EcardAuthorisation, EcardBusiness, EcardUse
from app.domain.refusal import Refusal


@dataclass(frozen=True)
class VerifiedEcard:
    """Whose code it was; `card_id` (AAZ501) is None where the province names none."""

    result_id: str
    ecard_number: str = field(repr=False)
    use: EcardUse
    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    card_id: str | None = field(repr=False)
    authorisation: EcardAuthorisation | None
    at: datetime


@dataclass(frozen=True)
class EcardState:
    """What an e-card may do now."""

    use: EcardUse
    as_of: datetime


class LoginState(StrEnum):
    """Where a hall's one-time code stands; unknown counts as still waiting, and opens nothing."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class LoginRequest:
    """What the hall asks a holder for; `items` are keys of `ecard.toml`."""

    business: EcardBusiness
    purpose: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class LoginCode:
    """A one-time code for the holder's phone; whoever has it can only confirm for themselves."""

    login_id: str
    code: str = field(repr=False)
    valid_until: datetime


@dataclass(frozen=True)
class LoginAnswer:
    """Where it stands; `ecard` only when it is confirmed."""

    state: LoginState
    ecard: VerifiedEcard | None


class Ecards(Protocol):
    """Refusals: those of the province, and ECARD-… codes; nothing is verified without the province."""

    def verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        """Ask whose code this is; each code once. ECARD-CODE-UNKNOWN, -CODE-OLD, -NOT-AUTHORISED, -PAUSED, -STOPPED."""
        ...

    def state(self, ecard_number: str, purpose: str) -> EcardState | Refusal:
        """Ask what an e-card may do now; ECARD-UNKNOWN."""
        ...

    def authorisation(self, number: str, purpose: str) -> EcardAuthorisation | Refusal:
        """Ask for an authorisation that is in force; ECARD-AUTHORISATION-UNKNOWN."""
        ...

    def begin_login(self, request: LoginRequest) -> LoginCode | Refusal:
        """Ask for a one-time code to show; ECARD-ITEM-UNKNOWN."""
        ...

    def login(self, login_id: str) -> LoginAnswer | Refusal:
        """Ask where a login of this device stands; ECARD-LOGIN-UNKNOWN, also when its answer was fetched."""
        ...

    def cancel_login(self, login_id: str) -> LoginAnswer | Refusal:
        """Have a login opened no more; ECARD-LOGIN-UNKNOWN."""
        ...
