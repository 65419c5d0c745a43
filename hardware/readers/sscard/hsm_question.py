"""Step 1 of the base reading as values, so that whoever answers the chip's own 卡认证 answers a driver's too."""

from __future__ import annotations

import re

from hardware.card.authentication import Authenticator
from hardware.card.authentication import HsmQuestion as CardQuestion
from hardware.readers.sscard.card_driver import HsmQuestion
from hardware.readers.sscard.functions import READ_BASE_HSM

_FIELDS = 8
_FACTOR = re.compile(r"(?:[0-9A-F]{16})?")
_HISTORY = re.compile(r"[0-9A-F]{26}")
_CARD_ID = re.compile(r"[0-9A-F]{32}")
_REGION = re.compile(r"[0-9]{6}")
_ALGORITHM = re.compile(r"[0-9A-F]{2}")


def card_question(text: str) -> CardQuestion | None:
    """Read `区划|ATR历史|算法|识别码|内过程|内原始|外过程|外原始|`, a ninth field left out; None when it is not that.

    The last two are empty unless the card is 3.0 (card.md 4.3).
    """
    fields = text.upper().split("|")[:_FIELDS]
    if len(fields) < _FIELDS:
        return None
    region, history, algorithm, card_id = fields[:4]
    factors = fields[4:]
    shapes = ((_REGION, region), (_HISTORY, history), (_ALGORITHM, algorithm), (_CARD_ID, card_id))
    if not all(shape.fullmatch(value) for shape, value in shapes):
        return None
    if not all(_FACTOR.fullmatch(value) for value in factors) or not factors[0] or not factors[1]:
        return None
    process, original, external_process, external_original = (bytes.fromhex(value) for value in factors)
    return CardQuestion(
        region, bytes.fromhex(history), algorithm, card_id, process, original, external_process, external_original
    )


class AuthenticatorSteps:
    """An Authenticator as the HSM of the base reading; an HsmSteps. Operations other than that are not answered."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    def key(self, question: HsmQuestion) -> str | None:
        """Return `internal|external|`, 32 hex digits each, the second empty unless the card is 3.0."""
        if question.operation != READ_BASE_HSM.name:
            return None
        asked = card_question(question.text)
        reply = None if asked is None else self._authenticator.answer(asked)
        return None if reply is None else f"{reply.internal.hex().upper()}|{reply.external.hex().upper()}|"
