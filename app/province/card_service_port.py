"""The door for card services: what there is, what may be done for whom, and where requests stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.card_service import CardService
from app.domain.refusal import Refusal
from app.domain.states import ProductionState
from app.province.service_line import Whom


@dataclass(frozen=True)
class OfferedService:
    """One service of the province's catalogue; `service` is None for one that this version does not know."""

    service: CardService | None
    name: str
    title: str
    needs_check: bool
    opens_request: bool


@dataclass(frozen=True)
class ServiceCheck:
    """The province's word before a form is filled (预检); `reason` is a code, present unless it is allowed."""

    allowed: bool
    reason: str | None
    version: int
    needs_check: bool
    """Whether a 卡鉴权 has to come with the operation."""


@dataclass(frozen=True)
class MakingStep:
    """One step that a request reached, normalised to eight; `code` is the province's own."""

    state: ProductionState
    code: str
    at: datetime


@dataclass(frozen=True)
class MakingRequest:
    """One request to make a card and where it stands (制卡进度)."""

    request_no: str
    op_id: str | None
    service: CardService | None
    making_type: str
    """ACA017."""
    bank_line: str
    step: ProductionState
    step_code: str
    open: bool
    failure: str | None
    batch_no: str | None
    locked_by: str | None
    steps: tuple[MakingStep, ...]

    @property
    def writable(self) -> bool:
        """Tell whether every code is known: an unknown one blocks writes."""
        return self.step is not ProductionState.UNKNOWN and self.service is not None


@dataclass(frozen=True)
class StandIn:
    """Whether somebody may act for a person, as the province has it on file.

    `relation` is 1父子 2父女 3母子 4母女 (business.md 1.3), or "agent".
    """

    stands_in: bool
    relation: str | None


class CardServices(Protocol):
    """Refusals: those of the province, CARD-UNKNOWN, HOLDER-UNKNOWN."""

    def services(self) -> tuple[OfferedService, ...] | Refusal:
        """Ask which services the province has."""
        ...

    def check(self, service: CardService, whom: Whom, purpose: str) -> ServiceCheck | Refusal:
        """Ask whether a service may be done for somebody now."""
        ...

    def progress(self, whom: Whom, purpose: str) -> tuple[MakingRequest, ...] | Refusal:
        """Ask where somebody's requests stand, newest first."""
        ...

    def check_stand_in(self, whom: Whom, stand_in_number: str, purpose: str) -> StandIn | Refusal:
        """Ask whether somebody may act for a person (代办, 监护)."""
        ...
