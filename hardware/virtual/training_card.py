"""Tells whether a card is one of the training province: known by its 识别码, proved by its key."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from hardware.card import apdu
from hardware.card.authentication import CardFacts
from hardware.crypto.card_cipher import CardAlgorithm
from hardware.ports import CardChannel, Pin
from hardware.virtual.profiles import holder_profiles
from hardware.virtual.training_key_holder import TrainingKeyHolder


@dataclass(frozen=True, repr=False)
class TrainingCard:
    """What the training province knows of its own card."""

    profile: str
    keys: TrainingKeyHolder
    pin: Pin | None


def training_card(channel: CardChannel, facts: CardFacts) -> TrainingCard | None:
    """Return what is known of a training card in the application at hand, None for any other; raises CardGone."""
    known = next((one for one in holder_profiles() if one.holder and one.holder.card_id == facts.card_id), None)
    if known is None or facts.algorithm not in tuple(CardAlgorithm):
        return None
    keys = TrainingKeyHolder(CardAlgorithm(facts.algorithm), facts.region, facts.history)
    process, original = secrets.token_bytes(8), secrets.token_bytes(8)
    proof = apdu.exchange(channel, apdu.internal_authenticate(process, original))
    if not proof.ok or not hmac.compare_digest(proof.data, keys.answer("IRK", process, original)):
        return None
    pin = known.chip.pin
    return TrainingCard(known.name, keys, Pin(pin) if pin is not None else None)
