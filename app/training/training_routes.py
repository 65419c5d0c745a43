"""What only a training province has: its ledger, its people, its faults, and a hand behind the counter's back."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query

from app.domain.states import SocialState
from app.training.audit_desk import AuditDesk
from app.training.audit_wire import AlarmRow
from app.training.faults import FaultBox
from app.training.holders import HolderDesk
from app.training.operations import OperationDesk
from app.training.wire_models import FaultBody, HolderReply, LedgerRow, StateBody


def add_training(
    api: FastAPI, holders: HolderDesk, operations: OperationDesk, audits: AuditDesk, faults: FaultBox
) -> None:
    """Add /training to an application; these addresses are no part of the wire's OpenAPI."""

    @api.get("/training/ledger", include_in_schema=False)
    def ledger() -> list[LedgerRow]:
        return list(operations.ledger())

    @api.get("/training/alarms", include_in_schema=False)
    def alarms() -> list[AlarmRow]:
        return list(audits.alarms())

    @api.get("/training/holders", include_in_schema=False)
    def list_holders(
        social: SocialState | None = None, limit: Annotated[int, Query(ge=1, le=5000)] = 20
    ) -> list[HolderReply]:
        return list(holders.list(social, limit))

    @api.post("/training/faults", include_in_schema=False)
    def set_fault(body: FaultBody) -> FaultBody:
        faults.set(body)
        return body

    @api.post("/training/cards/{card_id}/state", include_in_schema=False)
    def move(card_id: str, body: StateBody) -> StateBody:
        if body.social not in tuple(SocialState):
            raise HTTPException(422, "REQUEST-MALFORMED")
        if not operations.move(card_id, SocialState(body.social)):
            raise HTTPException(404, "CARD-UNKNOWN")
        return body
