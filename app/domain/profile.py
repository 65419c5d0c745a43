"""The holder's profile as the province gives it, with its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState


@dataclass(frozen=True)
class Insurance:
    """One kind of insurance; `state` None means the department gave no data."""

    kind: str
    state: str | None
    region: str | None
    since: date | None


@dataclass(frozen=True)
class Profile:
    """What is known of one holder and card; codes no map knows stay in `raw_codes`."""

    person_ref: str
    """The province's opaque person id."""
    name: str
    citizen_number: str
    sex: str
    nation: str
    birth_date: date | None
    phone: str | None
    card_id: str
    card_number: str
    region: str
    bank_name: str
    bank_line: str
    """The bank's telephone line, printed on an offline loss receipt."""
    bank_account: str
    issued: date | None
    expires: date | None
    social: SocialState
    bank: BankState
    production: ProductionState
    person: PersonState
    register: RegisterState
    version: int
    """The province's version of the card's state, given back as `base_version`."""
    replacement_open: bool
    insurances: tuple[Insurance, ...]
    notes: tuple[str, ...]
    as_of: datetime
    raw_codes: tuple[tuple[str, str], ...] = ()
