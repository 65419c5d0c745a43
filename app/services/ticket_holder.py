"""Whose number it is: the person of the card in the reader, as the hall may know them for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.catalogue.masks import Masks
from app.catalogue.texts import Texts
from app.domain.citizen_number import birth_date
from app.domain.clock import Clock, business_date
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.priority import PriorityRule
from app.hall.values import IssuedBy
from app.journal.digest import keyed_hex
from app.services.card_faults import CODES, undecodable
from hardware.card.social_card import SocialCard
from hardware.ports import CardFaultKind

_NO_CARD = tuple(CODES[kind] for kind in (CardFaultKind.NO_SERVICE, CardFaultKind.NO_READER, CardFaultKind.NO_CARD))


@dataclass(frozen=True)
class TicketFor:
    """Whom a number is for: nobody known, or a holder by keyed hash and masked name."""

    by: IssuedBy = IssuedBy.TAP
    holder_index: str | None = None
    masked_name: str | None = None
    priority: bool = False
    problem: Refusal | None = None
    """Why the card in the reader says nothing of its holder, or not all."""


class CardInReader(Protocol):
    """Reads whatever card is in the reader."""

    def read(self) -> SocialCard | Refusal:
        """Read it; may block for a second."""
        ...


class TicketHolders:
    """Finds out whose number it is. Every method may block on reader and hall."""

    def __init__(
        self, reader: CardInReader, hall: Hall, clock: Clock, rule: PriorityRule, masks: Masks, texts: Texts
    ) -> None:
        self._reader = reader
        self._hall = hall
        self._clock = clock
        self._rule = rule
        self._masks = masks
        self._texts = texts

    def in_reader(self) -> TicketFor:
        """Return the holder of the card in the reader; without a usable card the number is for whoever takes it."""
        card = self._reader.read()
        if isinstance(card, Refusal):
            return TicketFor(problem=None if card.code in _NO_CARD else card)
        garbled = undecodable(card.undecodable, self._texts)
        if card.citizen_number is None:
            return TicketFor(problem=garbled or Refusal("CARD-PERSON-UNREAD"))
        index = self.index(card.citizen_number)
        if isinstance(index, Refusal):
            return TicketFor(problem=index)
        return TicketFor(
            by=IssuedBy.CARD,
            holder_index=index,
            masked_name=self._masks.hide("name", card.name) if card.name else None,
            priority=self._rule.goes_first(
                card.birth_date or birth_date(card.citizen_number),
                date.fromisoformat(business_date(self._clock.now())),
            ),
            problem=garbled,
        )

    def index(self, citizen_number: str) -> str | Refusal:
        """Return the HMAC-SM3 of a person under the hall's key of today. Refusals: HALL-AWAY."""
        key = self._hall.day_key()
        return key if isinstance(key, Refusal) else keyed_hex(key, citizen_number.upper().encode())
