"""The addresses of /v1 for machines that were restored."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query

from app.domain.refusal import Refusal
from app.training.answering import with_absence
from app.training.restore_desk import RestoreDesk
from app.training.restore_wire import KeyReleaseBody, KeyReleaseReply, OwnOperationsReply
from app.training.wire_models import Problem

Responses = dict[int | str, dict[str, object]]
After = Annotated[int, Query(ge=0, le=2**63 - 1, description="device_seq; those above it are told")]

_STATUSES = {"DEVICE-UNKNOWN": 404, "ESCROW-FALSE": 409}


def add_restore(api: FastAPI, desk: RestoreDesk, refusals: Responses) -> None:
    """Add a device's own operations and the release of its key; `refusals` are what every address may answer."""

    @api.get("/v1/devices/{device}/operations", operation_id="own_operations", responses=with_absence(refusals))
    def own_operations(device: str, after: After = 0) -> OwnOperationsReply:
        return OwnOperationsReply(operations=list(desk.operations(device, after)))

    @api.post(
        "/v1/devices/{device}/key-releases",
        operation_id="release_key",
        responses={
            **refusals,
            404: {"model": Problem, "description": "not enrolled"},
            409: {"model": Problem, "description": "not sealed for this province, or for another device; an alarm"},
        },
    )
    def release_key(device: str, body: KeyReleaseBody) -> KeyReleaseReply:
        reply = desk.release(device, body.escrow, body.public_key)
        if isinstance(reply, Refusal):
            raise HTTPException(_STATUSES[reply.code], reply.code)
        return reply
