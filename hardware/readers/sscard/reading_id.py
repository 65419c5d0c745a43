"""Which card lies in a driver's box, also where neither PSAM nor HSM opens it: step 1 of the HSM set names it."""

from __future__ import annotations

from hardware.card.elements import PROTECTED, ElementName
from hardware.card.social_card import SocialCard
from hardware.readers.sscard.base_fields import BaseReading, MalformedReading
from hardware.readers.sscard.card_driver import CardDriver, HsmAway, NotDone
from hardware.readers.sscard.functions import READ_BASE_HSM, Interface, Parameter
from hardware.readers.sscard.hsm_question import card_question


def read_card_id(driver: CardDriver, interface: Interface) -> str | NotDone:
    """Return the 识别码 of the card that is there, no HSM asked; raises BoxLost."""
    reading = driver.read_base(interface, None)
    if isinstance(reading, BaseReading):
        return reading.card_id
    card = card_by_hsm_question(driver, interface, reading)
    return card.card_id if isinstance(card, SocialCard) else card


def card_by_hsm_question(driver: CardDriver, interface: Interface, outcome: NotDone) -> SocialCard | NotDone:
    """Return what step 1 says of a card for which the HSM is away (card.md 4.3); any other outcome as it is.

    It has no version and everything else of it is locked. Raises BoxLost.
    """
    if not isinstance(outcome, HsmAway):
        return outcome
    text = driver.run(READ_BASE_HSM.steps[0], {Parameter.INTERFACE: interface})
    if not isinstance(text, str):
        return text
    question = card_question(text)
    if question is None:
        return MalformedReading("question")
    return SocialCard(
        version="",
        region=question.region,
        card_id=question.card_id,
        card_number=None,
        issued=None,
        expires=None,
        citizen_number=None,
        name=None,
        sex=None,
        nation=None,
        birthplace=None,
        birth_date=None,
        algorithm=question.algorithm,
        history=question.history.hex().upper(),
        locked=(ElementName.CARD_NUMBER, *PROTECTED),
    )
