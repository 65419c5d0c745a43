"""What only a training province has: its ledger, its people, its faults, and a hand behind the counter's back."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.training.audit_desk import AuditDesk
from app.training.audit_wire import AlarmRow
from app.training.change_desk import ChangeDesk
from app.training.control_page import add_control
from app.training.downlink_wire import ImportReply
from app.training.faults import FaultBox
from app.training.holders import HolderDesk
from app.training.import_desk import ImportDesk
from app.training.operations import OperationDesk
from app.training.wire_models import FaultBody, HolderReply, LedgerRow, StateBody

IMPORTS = "/training/imports"
LARGEST_IMPORT = 256 * 1024 * 1024
"""Bytes; a sealed file of some hundred thousand operations."""


def add_training(
    api: FastAPI,
    holders: HolderDesk,
    operations: OperationDesk,
    audits: AuditDesk,
    faults: FaultBox,
    clock: Clock,
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

    add_control(api, faults, clock)

    @api.post("/training/cards/{card_id}/state", include_in_schema=False)
    def move(card_id: str, body: StateBody) -> StateBody:
        if body.social not in tuple(SocialState):
            raise HTTPException(422, "REQUEST-MALFORMED")
        if not operations.move(card_id, SocialState(body.social)):
            raise HTTPException(404, "CARD-UNKNOWN")
        return body


def add_imports(api: FastAPI, imports: ImportDesk, changes: ChangeDesk) -> None:
    """Add what comes by another way than the line: sealed files, and word of deaths."""

    @api.post(IMPORTS, include_in_schema=False)
    async def take(request: Request) -> ImportReply:
        text = (await request.body()).decode(errors="replace")
        found = await run_in_threadpool(imports.take, text)
        if isinstance(found, Refusal):
            raise HTTPException(422, found.code)
        return found

    @api.post("/training/cards/{card_id}/death", include_in_schema=False)
    def bury(card_id: str) -> None:
        if not changes.bury(card_id):
            raise HTTPException(404, "CARD-UNKNOWN")
