"""Bodies of the reference wire /v1 for what the province tells unasked. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.training.audit_wire import PublicKey, Signature, Time
from app.training.wire_models import Version


class ChangeReply(BaseModel):
    """What a card is since a number of the sequence."""

    seq: Annotated[int, Field(ge=1, le=2**63 - 1, description="the province's own; rises, may have gaps")]
    card_id: Annotated[str, Field(description="AAZ501")]
    social_code: Annotated[str, Field(description="AAZ502; empty before a card is handed out")]
    production_code: Annotated[str, Field(description="aac018")]
    person_code: Annotated[str, Field(description="AAC060")]
    version: Version
    tombstone: Annotated[Literal["death", "cancellation"] | None, Field(description="what ended it for good")]
    at: AwareDatetime


class StopReply(BaseModel):
    """A time in which the platform will not answer."""

    kind: Annotated[
        str, Field(min_length=1, description="nightly, month_end or maintenance; any other is taken as the last")
    ]
    starts: AwareDatetime
    ends: Annotated[AwareDatetime, Field(description="the first moment at which it answers again")]


class ChangesReply(BaseModel):
    """One page; to be taken as a whole, with `last` as the next cursor."""

    changes: list[ChangeReply]
    last: Version
    more: Annotated[bool, Field(description="whether there are more now")]
    stops: Annotated[
        list[StopReply] | None, Field(description="every stop announced now; null where none are told by this way")
    ] = None


class SealingKeyReply(BaseModel):
    """The key that files for the province are sealed with, signed with the key that the device pinned."""

    public_key: PublicKey
    at: Time
    signature: Signature


class ImportReply(BaseModel):
    """What became of the operations of a sealed file."""

    device: str
    operations: int
    new: Annotated[int, Field(description="that had not arrived before")]
    applied: int
    rejected: int
    conflict: int
    retry: int
