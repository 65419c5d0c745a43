"""The addresses of /v1 for devices' certificates, and the page of /training that issues codes."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException, Request

from app.domain.refusal import Refusal
from app.training.line_desk import LineDesk
from app.training.line_models import CertificateBody, CertificateReply, CodeBody, CodeReply, RenewalBody, RenewalReply
from app.training.wire_models import Problem

Responses = dict[int | str, dict[str, object]]

_DENIED: Responses = {403: {"model": Problem, "description": "not for this code or key; leaves an alarm"}}


def add_line(api: FastAPI, desk: LineDesk, refusals: Responses) -> None:
    """Add enrolment for the line and renewal; `refusals` are what every address may answer."""

    @api.post("/v1/line/certificates", operation_id="certificate", responses={**refusals, **_DENIED})
    def certificate(body: CertificateBody) -> CertificateReply:
        found = desk.enrol(body)
        if isinstance(found, Refusal):
            raise HTTPException(403, found.code)
        return found

    @api.post("/v1/line/renewals", operation_id="renew_certificate", responses={**refusals, **_DENIED})
    def renew(body: RenewalBody, request: Request) -> RenewalReply:
        found = desk.renew(str(getattr(request.state, "line_key", "")), body.request)
        if isinstance(found, Refusal):
            raise HTTPException(403, found.code)
        return found


def add_line_training(api: FastAPI, desk: LineDesk) -> None:
    """Add what a person at the training province does: have a device enrolled, take its keys back."""

    @api.post("/training/enrolment-codes", include_in_schema=False)
    def issue(body: CodeBody) -> CodeReply:
        return desk.issue_code(body.device)

    @api.post("/training/line/{device}/revocation", include_in_schema=False)
    def revoke(device: str) -> int:
        return desk.revoke(device)
