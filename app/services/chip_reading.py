"""Cards in a reader that carries APDUs (PC/SC): this program speaks to the chip itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from app.domain.refusal import Refusal
from app.services.card_faults import refusal_of
from hardware.card.authentication import Authenticator, Distant, InTurn
from hardware.card.psam import Psam
from hardware.card.read_card import read_card
from hardware.card.region_rules import RegionRules, load_region_rules
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel, CardFault, CardFaultKind

T = TypeVar("T")


class ChipOwner(Protocol):
    """The reader's owner: runs work on its thread while the card is held."""

    def use(self, work: Callable[[CardChannel], T]) -> Future[T | CardFault]:
        """Run work in one card transaction."""
        ...

    def use_with_sam(self, work: Callable[[CardChannel, CardChannel | None], T]) -> Future[T | CardFault]:
        """Run work in one card transaction, with the reader's PSAM where it has one."""
        ...


class ChipReading:
    """A CardReading; a PSAM is asked before the province, also where that is away."""

    def __init__(self, owner: ChipOwner, rules: Callable[[], RegionRules] = load_region_rules) -> None:
        self._owner = owner
        self._rules = rules

    def read(self, distant: Authenticator | None) -> SocialCard | Refusal:
        """Read the card; an authenticator whose answer is of no use leaves it unproved."""

        def proved(channel: CardChannel, sam: CardChannel | None) -> SocialCard | CardFault:
            asked: list[Authenticator] = [] if sam is None else [Psam(sam, self._rules())]
            if distant is not None:
                asked.append(Distant(channel, distant))
            return read_card(channel, InTurn(tuple(asked)) if asked else None)

        card = self._owner.use_with_sam(proved).result()
        if isinstance(card, CardFault) and card.kind is CardFaultKind.AUTHENTICATOR_AWAY:
            card = self._unproved()
        return refusal_of(card) if isinstance(card, CardFault) else card

    def card_id(self) -> str | Refusal:
        """Read the card again, without 卡认证."""
        card = self._unproved()
        return refusal_of(card) if isinstance(card, CardFault) else card.card_id

    def _unproved(self) -> SocialCard | CardFault:
        return self._owner.use(lambda channel: read_card(channel, None)).result()
