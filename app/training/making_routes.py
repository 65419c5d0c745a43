"""The addresses under /v1 for making a card at the window."""

from __future__ import annotations

from fastapi import FastAPI

from app.training.answering import Responses, answered, with_conflicts
from app.training.making_desk import MakingDesk
from app.training.making_models import EnablingReply, MakingBody, MakingDataReply, MakingReply, ResultBody


def add_making(api: FastAPI, desk: MakingDesk, refusals: Responses) -> None:
    """Add the addresses; `refusals` are what every address may answer."""
    responses = with_conflicts(refusals)

    @api.post("/v1/makings/lock", operation_id="lock_making", responses=responses)
    def lock(body: MakingBody) -> MakingReply:
        return answered(desk.lock(body))

    @api.post("/v1/makings/unlock", operation_id="unlock_making", responses=responses)
    def unlock(body: MakingBody) -> MakingReply:
        return answered(desk.unlock(body))

    @api.post("/v1/makings/batch", operation_id="making_batch", responses=responses)
    def batch(body: MakingBody) -> MakingReply:
        return answered(desk.batch(body))

    @api.post("/v1/makings/data", operation_id="making_data", responses=responses)
    def data(body: MakingBody) -> MakingDataReply:
        return answered(desk.data(body))

    @api.post("/v1/makings/results", operation_id="making_result", responses=responses)
    def result(body: ResultBody) -> MakingReply:
        return answered(desk.result(body))

    @api.post("/v1/makings/enable", operation_id="enable_made", responses=responses)
    def enable(body: MakingBody) -> EnablingReply:
        return answered(desk.enable(body))
