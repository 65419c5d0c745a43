"""A driver's reading as the same SocialCard that the chip's own reading ends in."""

from __future__ import annotations

from hardware.card.elements import PROTECTED, ElementName
from hardware.card.social_card import SocialCard
from hardware.readers.sscard.base_fields import BaseReading


def social_card(reading: BaseReading) -> SocialCard:
    """Return the card.

    A driver tells neither sex, nation, birthplace and birth date nor the algorithm: None, and empty.
    """
    return SocialCard(
        version=reading.version,
        region=reading.region,
        card_id=reading.card_id,
        card_number=reading.card_number,
        issued=reading.issued,
        expires=reading.expires,
        citizen_number=reading.citizen_number,
        name=reading.name,
        sex=None,
        nation=None,
        birthplace=None,
        birth_date=None,
        algorithm="",
        history=reading.history,
        locked=(ElementName.CARD_NUMBER, *PROTECTED) if reading.closed else (),
        undecodable=reading.undecodable,
        authenticated=reading.authenticated,
    )
