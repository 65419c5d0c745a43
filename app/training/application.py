"""The training province as an ASGI application: /v1 with its OpenAPI, and /training beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException as BareHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.clock import Clock
from app.province.code_map import CodeMaps
from app.training import line_rules
from app.training.audit_desk import AuditDesk
from app.training.audit_routes import add_audit
from app.training.bank_desk import BankDesk
from app.training.bank_routes import add_bank
from app.training.change_desk import ChangeDesk
from app.training.downlink_routes import add_downlink
from app.training.ecard_phone import add_phone
from app.training.fault_plan import FaultPlan
from app.training.faults import RETRY_AFTER_S, FaultBox, FaultyLine, HangUp
from app.training.holders import HolderDesk
from app.training.hsm_service import answer_step
from app.training.import_desk import ImportDesk
from app.training.line_desk import LineDesk
from app.training.line_routes import add_line, add_line_training
from app.training.opening_desk import OpeningDesk
from app.training.operations import OperationDesk
from app.training.restore_desk import RestoreDesk
from app.training.restore_routes import add_restore
from app.training.service_desks import ServiceDesks, add_services, make_service_desks
from app.training.stop_desk import StopDesk, add_stops
from app.training.training_routes import IMPORTS, LARGEST_IMPORT, add_imports, add_training
from app.training.wire_models import (
    AnswerReply,
    BatchBody,
    BatchReply,
    CardCheckBody,
    CardCheckReply,
    ClockReply,
    HsmStepBody,
    HsmStepReply,
    Problem,
    ProfileBody,
    ProfileReply,
)
from hardware.virtual.hsm import VirtualHsm

LARGEST_BODY = 1024 * 1024
"""Bytes; a full batch of 256 KiB doubles at most when its payloads are quoted."""

_REFUSALS: dict[int | str, dict[str, object]] = {
    422: {"model": Problem, "description": "not of the wire's shape"},
    503: {"model": Problem, "description": "busy; Retry-After says how long, in seconds"},
}
_OF_ROUTER = {404: "ADDRESS-UNKNOWN", 405: "METHOD-UNKNOWN"}
_ABSENT: dict[int | str, dict[str, object]] = {**_REFUSALS, 404: {"model": Problem, "description": "not on file"}}


@dataclass(frozen=True)
class Desks:
    """What stands behind the addresses."""

    clock: Clock
    holders: HolderDesk
    operations: OperationDesk
    hsm: VirtualHsm
    faults: FaultBox
    audits: AuditDesk
    bank: BankDesk
    changes: ChangeDesk
    imports: ImportDesk
    restores: RestoreDesk
    stops: StopDesk
    openings: OpeningDesk
    services: ServiceDesks
    line: LineDesk

    def make_keys(self) -> None:
        """Make the province's keys where there are none."""
        self.audits.make_key()
        self.imports.make_key()
        self.line.open()


def make_desks(engine: Engine, maps: CodeMaps, clock: Clock, plan: FaultPlan | None = None) -> Desks:
    """Put the desks over one store together; nothing is asked of it yet."""
    operations = OperationDesk(engine, maps, clock)
    return Desks(
        clock=clock,
        holders=HolderDesk(engine, maps, clock),
        operations=operations,
        hsm=VirtualHsm(),
        faults=FaultBox(plan),
        audits=AuditDesk(engine, clock),
        bank=BankDesk(engine, clock),
        changes=ChangeDesk(engine, maps, clock),
        imports=ImportDesk(engine, operations, clock),
        restores=RestoreDesk(engine, clock),
        stops=StopDesk(clock),
        openings=OpeningDesk(engine, maps, clock),
        services=make_service_desks(engine, maps, clock),
        line=LineDesk(engine, clock, line_rules.load()),
    )


Gate = Callable[[ASGIApp], ASGIApp]
"""Puts a gate before an application."""


def make_application(desks: Desks, hang_up: HangUp, gate: Gate = lambda app: app) -> ASGIApp:
    """Put province and bank together behind faulty line and gate; answers to loopback names only."""
    api = make_api(desks)
    add_bank(api, desks.bank, desks.openings)
    add_training(api, desks.holders, desks.operations, desks.audits, desks.faults, desks.clock)
    add_imports(api, desks.imports, desks.changes)
    add_stops(api, desks.stops)
    add_line_training(api, desks.line)
    add_phone(api, desks.services.ecards, desks.holders)
    bounded = _BoundedBody(api)
    return gate(
        TrustedHostMiddleware(
            FaultyLine(bounded, desks.faults, hang_up), allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False
        )
    )


def make_api(desks: Desks) -> FastAPI:
    """Make the reference wire /v1."""
    # The pages that show an OpenAPI fetch their scripts from elsewhere; here nothing leaves the machine.
    api = FastAPI(
        title="省平台参考接口",
        version="1.0.0",
        summary="Reference wire of the provincial platform; extended, never replaced",
        docs_url=None,
        redoc_url=None,
        # A value with a slash in it is an unknown value, no other address.
        redirect_slashes=False,
    )
    _add_handlers(api)
    _add_questions(api, desks)
    _add_operations(api, desks.operations)
    add_audit(api, desks.audits, _REFUSALS)
    add_downlink(api, desks.changes, desks.stops, desks.imports, _REFUSALS)
    add_restore(api, desks.restores, _REFUSALS)
    add_line(api, desks.line, _REFUSALS)
    add_services(api, desks.services, _REFUSALS)
    return api


def _add_questions(api: FastAPI, desks: Desks) -> None:
    @api.get("/v1/clock", operation_id="clock", responses={503: _REFUSALS[503]})
    def clock() -> ClockReply:
        return ClockReply(now=desks.clock.now())

    @api.post("/v1/hsm/step", operation_id="hsm_step", responses=_REFUSALS)
    def hsm_step(body: HsmStepBody) -> HsmStepReply:
        reply = answer_step(desks.hsm, body)
        if reply is None:
            raise HTTPException(422, "HSM-CANNOT-ANSWER")
        return reply

    @api.post("/v1/card-checks", operation_id="check_card", responses=_ABSENT)
    def check_card(body: CardCheckBody) -> CardCheckReply:
        reply = desks.holders.check_card(body)
        if reply is None:
            raise HTTPException(404, "CARD-UNKNOWN")
        return reply

    @api.post("/v1/holders/profile", operation_id="profile", responses=_ABSENT)
    def profile(body: ProfileBody) -> ProfileReply:
        if (body.card_id is None) == (body.citizen_number is None):
            raise HTTPException(422, "REQUEST-MALFORMED")
        reply = desks.holders.profile(body)
        if reply is None:
            raise HTTPException(404, "CARD-UNKNOWN" if body.card_id is not None else "HOLDER-UNKNOWN")
        return reply


def _add_operations(api: FastAPI, desk: OperationDesk) -> None:
    @api.post("/v1/operations", operation_id="upload", responses=_REFUSALS)
    def upload(body: BatchBody) -> BatchReply:
        return BatchReply(answers=list(desk.take(body)))

    @api.get("/v1/operations/{op_id}", operation_id="operation_status", responses=_ABSENT)
    def operation_status(op_id: str) -> AnswerReply:
        answer = desk.answer_on(op_id)
        if answer is None:
            raise HTTPException(404, "OP-UNKNOWN")
        return answer


def _add_handlers(api: FastAPI) -> None:
    @api.exception_handler(BareHTTPException)
    async def refused(_request: Request, error: BareHTTPException) -> Response:
        # What the router itself says is a sentence, not a code.
        said = _OF_ROUTER.get(error.status_code) if type(error) is BareHTTPException else None
        return _problem(error.status_code, said or str(error.detail), headers=dict(error.headers or {}))

    @api.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: RequestValidationError) -> Response:
        # Names where, never what: the values may be personal.
        where = "; ".join(".".join(str(part) for part in found["loc"]) for found in error.errors())
        return _problem(422, "REQUEST-MALFORMED", where)

    @api.exception_handler(OperationalError)
    async def busy(_request: Request, _error: OperationalError) -> Response:
        return _problem(503, "TRAINING-BUSY", headers={"Retry-After": str(RETRY_AFTER_S)})


def _problem(status: int, code: str, message: str = "", headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": code, "message": message}, status, headers)


class _BoundedBody:
    """ASGI middleware that refuses bodies whose length is not given or too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            length = Request(scope).headers.get("content-length", "")
            largest = LARGEST_IMPORT if scope["path"] == IMPORTS else LARGEST_BODY
            if not length.isdigit() or int(length) > largest:
                await _problem(413, "REQUEST-TOO-LARGE")(scope, receive, send)
                return
        await self._app(scope, receive, send)
