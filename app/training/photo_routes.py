"""The addresses under /v1 for photos."""

from __future__ import annotations

from fastapi import FastAPI

from app.training.answering import Responses, answered, with_absence, with_conflicts
from app.training.photo_desk import PhotoDesk
from app.training.photo_models import PhotoBody, PhotoQueryBody, PhotoReply, PhotoRulesReply, PhotoTakenReply


def add_photos(api: FastAPI, desk: PhotoDesk, refusals: Responses) -> None:
    """Add the addresses; `refusals` are what every address may answer."""

    @api.get("/v1/photo-rules", operation_id="photo_rules", responses={503: refusals[503]})
    def rules() -> PhotoRulesReply:
        return desk.rules()

    @api.post("/v1/photos/query", operation_id="photo", responses=with_absence(refusals))
    def give(body: PhotoQueryBody) -> PhotoReply:
        return answered(desk.give(body))

    @api.post("/v1/photos", operation_id="send_photo", responses=with_conflicts(refusals))
    def take(body: PhotoBody) -> PhotoTakenReply:
        return answered(desk.take(body))
