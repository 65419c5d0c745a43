"""The addresses under /v1 for e-cards."""

from __future__ import annotations

from fastapi import FastAPI

from app.training.answering import Responses, answered, with_absence, with_conflicts
from app.training.ecard_desk import EcardDesk
from app.training.ecard_models import (
    EcardAuthorisationBody,
    EcardAuthorisationReply,
    EcardLoginBody,
    EcardLoginCodeReply,
    EcardLoginQueryBody,
    EcardLoginReply,
    EcardStateBody,
    EcardStateReply,
    EcardVerifiedReply,
    EcardVerifyBody,
)


def add_ecards(api: FastAPI, desk: EcardDesk, refusals: Responses) -> None:
    """Add codes, state, authorisation and logins; `refusals` are what every address may answer."""
    absent = with_absence(refusals)

    @api.post("/v1/e-card/codes/verify", operation_id="verify_ecard", responses=with_conflicts(refusals))
    def verify(body: EcardVerifyBody) -> EcardVerifiedReply:
        return answered(desk.verify(body))

    @api.post("/v1/e-card/state", operation_id="ecard_state", responses=absent)
    def state(body: EcardStateBody) -> EcardStateReply:
        return answered(desk.state(body))

    @api.post("/v1/e-card/authorisations/query", operation_id="ecard_authorisation", responses=absent)
    def authorisation(body: EcardAuthorisationBody) -> EcardAuthorisationReply:
        return answered(desk.authorisation(body.number))

    @api.post("/v1/e-card/logins", operation_id="begin_ecard_login", responses=absent)
    def begin(body: EcardLoginBody) -> EcardLoginCodeReply:
        return answered(desk.begin(body))

    @api.post("/v1/e-card/logins/query", operation_id="ecard_login", responses=absent)
    def login(body: EcardLoginQueryBody) -> EcardLoginReply:
        return answered(desk.login(body))

    @api.post("/v1/e-card/logins/cancel", operation_id="cancel_ecard_login", responses=absent)
    def cancel(body: EcardLoginQueryBody) -> EcardLoginReply:
        return answered(desk.cancel(body))
