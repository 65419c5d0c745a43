"""Who stands at the window, and how 实名, 实人 and 实卡 were each proved."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How far one of the three was proved."""

    NONE = "none"
    CHIP = "chip"
    RESIDENT_ID = "resident_id"
    """The resident ID card, whose reader has checked that it is genuine."""
    ECARD = "ecard"
    """The e-card's code, which the province has verified."""
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
    """The province's number of its answer; None when it was not asked or did not answer."""
    reason: str | None = None
    """Why it may not be used now, a code of the catalogue."""
    version: int | None = None
    """The province's version of the card's state when it answered."""

    @property
    def complete(self) -> bool:
        """Tell whether the card passed both checks."""
        return self.authenticated and self.checked

    @property
    def done(self) -> bool:
        """Tell whether the card is genuine and the province answered for it, which opens more than public queries.

        A lost or locked card does not pass 卡鉴权; what its holder needs is done all the same.
        """
        return self.authenticated and self.check_id is not None


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


def same_name(one: str, other: str) -> bool:
    """Tell whether two ways of writing a name are one: spaces, width and the kind of middle dot do not count."""
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    """Return a name without spaces, width, case and middle dots."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())
