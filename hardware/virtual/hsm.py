"""The training province's HSM: the other half of 卡认证, and PUK and STKSSSE for a reload (card.md 2.4, 2.6).

Software, not a certified module.
"""

from __future__ import annotations

from hardware.card.authentication import CardFacts, HsmQuestion, HsmReply
from hardware.card.pin_unblock import PukQuestion, SealedPin, SealQuestion, message_header
from hardware.crypto.card_cipher import CardAlgorithm, auth_data
from hardware.virtual.training_key_holder import TrainingKeyHolder
from hardware.virtual.training_keys import KeyRole, training_card_key

_HISTORY = 13
_FACTOR = 8


class VirtualHsm:
    """Answers any card of the training province; an Authenticator and a PinAuthority."""

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Compute `鉴别8‖原始8` for both parts; None for an unknown algorithm or a question that is not whole."""
        if question.algorithm not in tuple(CardAlgorithm) or not _whole(question):
            return None
        internal = _group(question, KeyRole.INTERNAL, question.internal_process, question.internal_original)
        if not question.external_process:
            return HsmReply(internal)
        return HsmReply(internal, _group(question, KeyRole.READ, question.external_process, question.external_original))

    def show_puk(self, question: PukQuestion) -> bytes | None:
        """Return `鉴别8‖原始8` under the card's PUK; None for an unknown algorithm."""
        keys = _keys(question.facts)
        return keys.answer("PUK", question.process, question.original) + question.original if keys is not None else None

    def seal(self, question: SealQuestion) -> SealedPin | None:
        """Encipher the new 社保密码, if any, and sign the message under STKSSSE; None for an unknown algorithm."""
        keys = _keys(question.facts)
        if keys is None:
            return None
        pin = question.new_pin
        sealed = keys.seal("STKSSSE", question.challenge, pin.bcd) if pin is not None else b""
        return SealedPin(sealed, keys.mac("STKSSSE", question.challenge, message_header(sealed) + sealed))


def _keys(facts: CardFacts) -> TrainingKeyHolder | None:
    if facts.algorithm not in tuple(CardAlgorithm):
        return None
    return TrainingKeyHolder(CardAlgorithm(facts.algorithm), facts.region, facts.history)


def _whole(question: HsmQuestion) -> bool:
    internal = {len(question.internal_process), len(question.internal_original)}
    external = {len(question.external_process), len(question.external_original)}
    region = question.region
    return (
        internal == {_FACTOR}
        and external in ({0}, {_FACTOR})
        and len(question.history) == _HISTORY
        and len(region) == 6
        and region.isascii()
        and region.isdigit()
    )


def _group(question: HsmQuestion, role: KeyRole, process: bytes, original: bytes) -> bytes:
    algorithm = CardAlgorithm(question.algorithm)
    key = training_card_key(role, algorithm, question.region, question.history)
    return auth_data(algorithm, key, process, original) + original
