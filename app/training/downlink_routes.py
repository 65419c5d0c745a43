"""The addresses under /v1 for what the province tells unasked."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query

from app.training.change_desk import ChangeDesk
from app.training.downlink_wire import ChangesReply, SealingKeyReply
from app.training.import_desk import ImportDesk
from app.training.stop_desk import StopDesk

LARGEST_PAGE = 500


def add_downlink(
    api: FastAPI,
    changes: ChangeDesk,
    stops: StopDesk,
    imports: ImportDesk,
    refusals: dict[int | str, dict[str, object]],
) -> None:
    """Add the addresses; `refusals` are what every address may answer."""

    @api.get("/v1/changes", operation_id="changes", responses=refusals)
    def page(
        after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last number that was taken; 0 for none")],
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE,
    ) -> ChangesReply:
        return changes.page(after, limit).model_copy(update={"stops": list(stops.announced())})

    @api.get("/v1/sealing-key", operation_id="sealing_key", responses=refusals)
    def sealing_key() -> SealingKeyReply:
        return SealingKeyReply(**vars(imports.key()))
