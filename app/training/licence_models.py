"""Bodies of the reference wire /v1 for 电子证照. Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.training.photo_models import Base64, Sm3
from app.training.whom import Purpose, WhomBody

LicenceId = Annotated[str, Field(min_length=1, max_length=64)]


class LicenceQueryBody(BaseModel):
    """Whose licences, and why."""

    whom: WhomBody
    purpose: Purpose


class LicenceReply(BaseModel):
    """One licence; its id says nothing about the person."""

    licence_id: LicenceId
    kind: str
    title: str
    issuer: str
    issued: date


class LicencesReply(BaseModel):
    """A person's licences."""

    licences: list[LicenceReply]


class LicenceBody(BaseModel):
    """One licence to be downloaded."""

    licence_id: LicenceId
    purpose: Purpose


class LicenceDocumentReply(BaseModel):
    """The licence as a document."""

    licence_id: LicenceId
    media_type: str
    content: Base64
    sm3: Sm3


class LicenceCheckBody(BaseModel):
    """扫码亮证: a code that a holder shows, as it was scanned; it is never stored."""

    code: Annotated[str, Field(min_length=8, max_length=512)]
    purpose: Purpose


class LicenceCheckReply(BaseModel):
    """Whether the code shows a licence now; `reason` where it does not."""

    valid: bool
    reason: str | None
    licence: LicenceReply | None
    holder: Annotated[str | None, Field(description="the name, masked")]
    at: AwareDatetime
