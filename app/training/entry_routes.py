"""The addresses under /v1 for entries of other departments and for 电子证照."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

from app.training.answering import Responses, answered, with_absence
from app.training.entry_desk import EntryDesk
from app.training.entry_models import EntriesReply, EntryKindsReply, EntryQueryBody
from app.training.licence_desk import LicenceDesk
from app.training.licence_models import (
    LicenceBody,
    LicenceCheckBody,
    LicenceCheckReply,
    LicenceDocumentReply,
    LicenceQueryBody,
    LicencesReply,
)


def add_entries(api: FastAPI, desk: EntryDesk, refusals: Responses) -> None:
    """Add the catalogue of entries and what it leads to; `refusals` are what every address may answer."""

    @api.get("/v1/entry-kinds", operation_id="entry_kinds", responses={503: refusals[503]})
    def kinds() -> EntryKindsReply:
        return desk.kinds()

    @api.post("/v1/entries", operation_id="entries", responses=with_absence(refusals))
    def entries(body: EntryQueryBody) -> EntriesReply:
        return answered(desk.entries(body))


def add_licences(api: FastAPI, desk: LicenceDesk, refusals: Responses) -> None:
    """Add 电子证照; the code that a telephone shows is made at the training desk."""
    responses = with_absence(refusals)

    @api.post("/v1/licences/query", operation_id="licences", responses=responses)
    def licences(body: LicenceQueryBody) -> LicencesReply:
        return answered(desk.licences(body))

    @api.post("/v1/licences/document", operation_id="licence_document", responses=responses)
    def document(body: LicenceBody) -> LicenceDocumentReply:
        return answered(desk.document(body))

    @api.post("/v1/licences/check", operation_id="check_licence", responses=refusals)
    def check(body: LicenceCheckBody) -> LicenceCheckReply:
        return desk.check(body)

    @api.post("/training/licences/{licence_id}/code", include_in_schema=False)
    def show(licence_id: str) -> dict[str, str]:
        code = desk.show(licence_id)
        if code is None:
            raise HTTPException(404, "LICENCE-UNKNOWN")
        return {"code": code}
