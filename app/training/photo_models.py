"""Bodies of the reference wire /v1 for photos. Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from app.training.whom import Purpose, Serial, WhomBody

Base64 = Annotated[str, Field(max_length=700_000, pattern=r"^[0-9A-Za-z+/]*={0,2}$", description="base64 (RFC 4648 4)")]
Sm3 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SM3 of the bytes, lower-case hex")]


class PhotoRulesReply(BaseModel):
    """What a photo must be; below `from_age` years none is needed."""

    width: int
    height: int
    dpi: int
    least_bytes: int
    most_bytes: int
    from_age: int


class PhotoQueryBody(BaseModel):
    """Whose photo, and why."""

    whom: WhomBody
    purpose: Purpose


class PhotoReply(BaseModel):
    """The photo that the next card is printed with."""

    jpeg: Base64
    sm3: Sm3
    taken: date | None


class PhotoBody(BaseModel):
    """A photo that a window took."""

    serial: Serial
    whom: WhomBody
    jpeg: Base64
    sm3: Sm3
    taken: date


class PhotoTakenReply(BaseModel):
    """What was kept."""

    sm3: Sm3
    bytes: int
