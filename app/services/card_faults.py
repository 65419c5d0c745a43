"""The code that every card fault is told under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.catalogue.texts import Texts
from app.domain.refusal import Refusal
from hardware.ports import CardFault, CardFaultKind

CODES: Mapping[CardFaultKind, str] = {
    CardFaultKind.NO_SERVICE: "READER-NO-SERVICE",
    CardFaultKind.NO_READER: "READER-NONE",
    CardFaultKind.NO_CARD: "CARD-NONE",
    CardFaultKind.FOREIGN: "CARD-NOT-OURS",
    CardFaultKind.PULLED: "CARD-PULLED",
    CardFaultKind.SWAPPED: "CARD-SWAPPED",
    CardFaultKind.BUSY: "CARD-BUSY",
    CardFaultKind.MUTE: "CARD-MUTE",
    CardFaultKind.MALFORMED: "CARD-MALFORMED",
    CardFaultKind.REFUSED: "CARD-REFUSED",
    CardFaultKind.NOT_GENUINE: "CARD-NOT-GENUINE",
    CardFaultKind.AUTHENTICATOR_AWAY: "CARD-AUTH-AWAY",
}

HELD_BY = "CARD-HELD-BY"
"""A card that is busy, where the system tells with whom."""


def undecodable(names: Sequence[str], texts: Texts) -> Refusal | None:
    """Return what is told of elements that could not be decoded; None where there are none."""
    words = texts("verbs.card.separator").join(texts(f"verbs.card.field.{name}") for name in names)
    return Refusal.of("CARD-UNDECODABLE", fields=words) if names else None


def refusal_of(fault: CardFault) -> Refusal:
    """Return the refusal of a fault; `detail` holds status words and element names, never personal data."""
    if fault.kind is CardFaultKind.BUSY and fault.detail:
        return Refusal.of(HELD_BY, program=fault.detail)
    return Refusal.of(CODES[fault.kind], detail=fault.detail or "—")
