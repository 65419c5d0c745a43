"""The province's HSM on the wire: the virtual one answers, hex goes in and out."""

from __future__ import annotations

from app.training.wire_models import HsmStepBody, HsmStepReply
from hardware.card.authentication import HsmQuestion
from hardware.virtual.hsm import VirtualHsm


def answer_step(hsm: VirtualHsm, body: HsmStepBody) -> HsmStepReply | None:
    """Have the HSM answer a card's randoms; None for an algorithm or a question that it cannot serve."""
    reply = hsm.answer(
        HsmQuestion(
            region=body.region,
            history=bytes.fromhex(body.history),
            algorithm=body.algorithm,
            card_id=body.card_id,
            internal_process=bytes.fromhex(body.internal_process),
            internal_original=bytes.fromhex(body.internal_original),
            external_process=bytes.fromhex(body.external_process),
            external_original=bytes.fromhex(body.external_original),
        )
    )
    if reply is None:
        return None
    return HsmStepReply(internal=reply.internal.hex().upper(), external=reply.external.hex().upper())
