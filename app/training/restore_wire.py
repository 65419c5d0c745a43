"""Bodies of the reference wire /v1 for machines that were restored. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.training.audit_wire import Digest, PublicKey
from app.training.wire_models import AnswerReply, Version

Sealed = Annotated[
    str, Field(pattern=r"^([0-9a-f]{2}){64,512}$", description="SM2 (GB/T 32918.4), DER of GM/T 0009, hex")
]


class OwnOperationReply(AnswerReply):
    """An operation as it was uploaded, and what became of it."""

    incarnation: str
    device_seq: Version
    kind: str
    order_key: str
    payload: str
    payload_sm3: Digest
    schema_ver: int
    occurred_at: AwareDatetime
    base_version: int | None


class OwnOperationsReply(BaseModel):
    """A page by device_seq; all of one number are in one page. None after the last."""

    operations: list[OwnOperationReply]


class KeyReleaseBody(BaseModel):
    """A journal's key that was sealed for the province as {"device","key"}, and for whom it is to be sealed anew."""

    escrow: Sealed
    public_key: PublicKey


class KeyReleaseReply(BaseModel):
    """The key's 32 bytes, sealed for the public key that was given."""

    sealed: Sealed
