"""Whom a request is about, and why: by card or by number, never in an address."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import Connection

from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.records import CardRecord, card_by_id, card_by_number

Purpose = Annotated[str, Field(min_length=1, max_length=60, description="logged with the request")]
Serial = Annotated[str, Field(min_length=1, max_length=64, description="the device's, made before the first try")]
Device = Annotated[str, Field(min_length=1, max_length=64)]


class WhomBody(BaseModel):
    """A person by exactly one of card and number."""

    card_id: Annotated[str | None, Field(description="AAZ501")] = None
    citizen_number: Annotated[str | None, Field(description="AAC002")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> WhomBody:
        if (self.card_id is None) == (self.citizen_number is None):
            raise ValueError("exactly one of card_id and citizen_number")
        return self


def find(connection: Connection, maps: CodeMaps, whom: WhomBody) -> CardRecord | Refusal:
    """Find whom a request is about; CARD-UNKNOWN, HOLDER-UNKNOWN."""
    if whom.card_id is not None:
        return card_by_id(connection, maps, whom.card_id) or Refusal("CARD-UNKNOWN")
    return card_by_number(connection, maps, whom.citizen_number or "") or Refusal("HOLDER-UNKNOWN")
