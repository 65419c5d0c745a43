"""Who stands at the window, and how 实名, 实人 and 实卡 were each proved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How far one of the three was proved."""

    NONE = "none"
    CHIP = "chip"
    CLERK = "clerk"
    PROVINCE = "province"


@dataclass(frozen=True)
class CardProof:
    """实卡: both checks of 人社部发〔2024〕6号 item 18, kept apart."""

    authenticated: bool
    """卡认证: the card answered as only a real one can."""
    checked: bool
    """卡鉴权: the province said that this card may be used now."""
    check_id: str | None = None

    @property
    def complete(self) -> bool:
        """Tell whether the card opens more than public queries."""
        return self.authenticated and self.checked


@dataclass(frozen=True)
class Identity:
    """The result of identifying a holder; numbers are in clear, faces mask them."""

    citizen_number: str | None
    name: str | None
    card_id: str
    card_number: str | None
    region: str
    version: str
    name_proof: Proof
    person_proof: Proof
    card_proof: CardProof
