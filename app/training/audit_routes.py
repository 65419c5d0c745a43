"""The addresses of /v1 for devices and their audit chains."""

from __future__ import annotations

from typing import TypeVar

from fastapi import FastAPI, HTTPException

from app.domain.anchor import Anchor, AuditPage, Enrolment
from app.domain.audit import Link
from app.domain.refusal import Refusal
from app.training.answering import with_absence
from app.training.audit_desk import AuditDesk
from app.training.audit_wire import (
    AnchorBody,
    AuditCheckBody,
    AuditCheckReply,
    CountersignedReply,
    EnrolmentBody,
    EnrolmentReply,
    LastSequenceReply,
    SequenceReply,
)
from app.training.wire_models import Problem

T = TypeVar("T")
Responses = dict[int | str, dict[str, object]]

_STATUSES = {"DEVICE-UNKNOWN": 404, "ANCHOR-SIGNATURE": 403}
_CONFLICT = 409
_AGAINST = {"model": Problem, "description": "not what is on file, or backwards; leaves an alarm"}
_UNSIGNED = {"model": Problem, "description": "not signed by this device; leaves an alarm"}
_UNKNOWN = {"model": Problem, "description": "not enrolled"}


def add_audit(api: FastAPI, desk: AuditDesk, refusals: Responses) -> None:
    """Add enrolment, anchors, sequences and audit checks; `refusals` are what every address may answer."""

    @api.post(
        "/v1/devices/{device}/enrolment",
        operation_id="enrol",
        responses={**with_absence(refusals), 403: _UNSIGNED, 409: _AGAINST},
    )
    def enrol(device: str, body: EnrolmentBody) -> EnrolmentReply:
        return EnrolmentReply(**vars(_answered(desk.enrol(Enrolment(device=device, **dict(body))))))

    @api.post(
        "/v1/anchors",
        operation_id="anchor",
        responses={**refusals, 403: _UNSIGNED, 404: _UNKNOWN, 409: _AGAINST},
    )
    def anchor(body: AnchorBody) -> CountersignedReply:
        return CountersignedReply(**vars(_answered(desk.anchor(Anchor(**dict(body))))))

    @api.get("/v1/devices/{device}/sequence", operation_id="last_sequence", responses=with_absence(refusals))
    def last_sequence(device: str) -> SequenceReply:
        return SequenceReply(incarnations=[LastSequenceReply(**vars(last)) for last in desk.last_sequence(device)])

    @api.post(
        "/v1/audit-checks",
        operation_id="check_audit",
        responses={**refusals, 404: _UNKNOWN, 409: _AGAINST},
    )
    def check_audit(body: AuditCheckBody) -> AuditCheckReply:
        rows = [Link(row.n, bytes.fromhex(row.sm3), bytes.fromhex(row.tag)) for row in body.rows]
        found = _answered(desk.check(AuditPage(body.device, body.incarnation, body.after, rows)))
        return AuditCheckReply(**vars(found))


def _answered(answer: T | Refusal) -> T:
    if isinstance(answer, Refusal):
        raise HTTPException(_STATUSES.get(answer.code, _CONFLICT), answer.code)
    return answer
