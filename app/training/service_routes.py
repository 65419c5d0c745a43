"""The addresses under /v1 for card services: the list, the pre-check, the progress."""

from __future__ import annotations

from fastapi import FastAPI

from app.training.answering import Responses, answered, with_absence
from app.training.service_desk import ServiceDesk
from app.training.service_models import (
    ProgressBody,
    ProgressReply,
    ServiceCheckBody,
    ServiceCheckReply,
    ServiceListReply,
    StandInBody,
    StandInReply,
)


def add_service_checks(api: FastAPI, desk: ServiceDesk, refusals: Responses) -> None:
    """Add the addresses; `refusals` are what every address may answer."""

    @api.get("/v1/services", operation_id="services", responses={503: refusals[503]})
    def services() -> ServiceListReply:
        return desk.services()

    @api.post("/v1/service-checks", operation_id="check_service", responses=with_absence(refusals))
    def check(body: ServiceCheckBody) -> ServiceCheckReply:
        return answered(desk.check(body))

    @api.post("/v1/progress", operation_id="progress", responses=with_absence(refusals))
    def progress(body: ProgressBody) -> ProgressReply:
        return answered(desk.progress(body))

    @api.post("/v1/stand-ins/check", operation_id="check_stand_in", responses=with_absence(refusals))
    def check_stand_in(body: StandInBody) -> StandInReply:
        return answered(desk.check_stand_in(body))
