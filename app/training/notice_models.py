"""Bodies of the reference wire /v1 for notices and code tables. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.training.wire_models import Version


class NoticeBody(BaseModel):
    """What the training desk announces."""

    kind: str
    title: str
    text: str


class NoticeReply(BaseModel):
    """What the province tells every window."""

    seq: Annotated[int, Field(ge=1, le=2**63 - 1)]
    kind: str
    title: str
    text: str
    starts: AwareDatetime
    ends: AwareDatetime | None


class NoticesReply(BaseModel):
    """Notices after a number, in their order; `last` is the next cursor."""

    notices: list[NoticeReply]
    last: Version


class CodeTableName(BaseModel):
    """One list, and the digest by which a change is seen."""

    name: str
    sm3: str


class CodeTablesReply(BaseModel):
    """Every code list that the province keeps."""

    tables: list[CodeTableName]


class CodeReply(BaseModel):
    """One code and what it means on the reference wire."""

    code: str
    meaning: str


class CodeTableReply(BaseModel):
    """One code list."""

    name: str
    sm3: str
    codes: list[CodeReply]
