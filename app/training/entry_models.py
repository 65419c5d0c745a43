"""Bodies of the reference wire /v1 for what other departments have on file. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.training.whom import Purpose, WhomBody

Kind = Annotated[str, Field(min_length=1, max_length=40)]


class EntryKindReply(BaseModel):
    """One kind of entry of the catalogue (应用目录)."""

    kind: str
    title: str
    department: str


class EntryKindsReply(BaseModel):
    """The catalogue."""

    kinds: list[EntryKindReply]


class EntryQueryBody(BaseModel):
    """A person's entries of one kind, and why they are asked for."""

    whom: WhomBody
    kind: Kind
    purpose: Purpose


class FieldReply(BaseModel):
    """One labelled value, as the department words it."""

    label: str
    value: str


class EntryReply(BaseModel):
    """One entry."""

    title: str
    fields: list[FieldReply]


class EntriesReply(BaseModel):
    """What the department has; `available` false where it gives no data, which is not "none"."""

    kind: str
    department: str
    available: bool
    entries: list[EntryReply]
    as_of: AwareDatetime
