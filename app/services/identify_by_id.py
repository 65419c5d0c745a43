"""Identify by a resident ID: the card on the reader → the province's profile of that number; no card is needed.

It proves who is named, and nothing of the social security card, so the guards leave what needs no 卡认证. Blocks.
"""

from __future__ import annotations

from datetime import date

from app.domain.clock import Clock, business_date
from app.domain.identity import CardProof, Identity, Proof, same_name
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import ProfileQuery
from app.province.visit_calls import Questions
from app.services.doorway import Connectivity
from app.services.id_reading import ResidentIdReading
from app.services.logs import keep_out_of_logs
from app.services.views import VisitView
from hardware.resident_id.text_block import IdField, ResidentId

_PROVES = frozenset({IdField.NUMBER, IdField.NAME, IdField.VALID_TO})
"""What has to be readable before a resident ID proves anybody."""


class IdentificationById:
    """Reads resident IDs and opens visits, which the guards have yet to judge."""

    def __init__(self, ids: ResidentIdReading, province: Questions, connectivity: Connectivity, clock: Clock) -> None:
        self._ids = ids
        self._province = province
        self._connectivity = connectivity
        self._clock = clock

    def visit(self) -> VisitView | Refusal:
        """Read the ID and what the province knows of its holder.

        Refusals, of the reader's own: IDREADER-MALFORMED, ID-EXPIRED, PROVINCE-AWAY, HOLDER-UNKNOWN, ID-PERSON-DIFFERS.
        """
        card = self._ids.read_id()
        if isinstance(card, Refusal):
            return card
        keep_out_of_logs((card.name, card.english_name))
        refusal = self._unfit(card)
        if refusal is not None:
            return refusal
        if not self._connectivity.online:
            return Refusal("PROVINCE-AWAY")
        found = self._province.profile(ProfileQuery("window-visit", citizen_number=card.number))
        if isinstance(found, Refusal):
            return found
        if found.citizen_number.upper() != card.number.upper() or not _named(card, found):
            return Refusal("ID-PERSON-DIFFERS")
        return VisitView(_identity(found), found, False, (), None)

    def _unfit(self, card: ResidentId) -> Refusal | None:
        unread = sorted(_PROVES & set(card.undecodable))
        if unread or not card.number or not (card.name or card.english_name):
            return Refusal.of("IDREADER-MALFORMED", detail=", ".join(unread) or "—")
        today = date.fromisoformat(business_date(self._clock.now()))
        if not card.long_term and (card.valid_to is None or card.valid_to < today):
            return Refusal("ID-EXPIRED")
        return None


def _named(card: ResidentId, profile: Profile) -> bool:
    return any(name and same_name(name, profile.name) for name in (card.name, card.english_name))


def _identity(profile: Profile) -> Identity:
    return Identity(
        citizen_number=profile.citizen_number,
        name=profile.name,
        card_id=profile.card_id,
        card_number=profile.card_number,
        region=profile.region,
        version="",
        name_proof=Proof.RESIDENT_ID,
        person_proof=Proof.NONE,
        card_proof=CardProof(authenticated=False, checked=False),
    )
