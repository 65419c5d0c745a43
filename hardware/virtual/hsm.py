"""The training province's HSM: the other half of 卡认证 (card.md 2.6). Software, not a certified module."""

from __future__ import annotations

from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.crypto.card_cipher import CardAlgorithm, auth_data
from hardware.virtual.training_keys import KeyRole, training_card_key

_HISTORY = 13
_FACTOR = 8


class VirtualHsm:
    """Answers any card of the training province; an Authenticator."""

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Compute `鉴别8‖原始8` for both parts; None for an unknown algorithm or a question that is not whole."""
        if question.algorithm not in tuple(CardAlgorithm) or not _whole(question):
            return None
        internal = _group(question, KeyRole.INTERNAL, question.internal_process, question.internal_original)
        if not question.external_process:
            return HsmReply(internal)
        return HsmReply(internal, _group(question, KeyRole.READ, question.external_process, question.external_original))


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
