"""Bodies of the reference wire /v1 for devices and their audit chains. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from app.training.wire_models import Version

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="32 bytes, hex: SM3 or HMAC-SM3")]
PublicKey = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$", description="SM2, x‖y, hex, without 04")]
Signature = Annotated[
    str, Field(pattern=r"^([0-9a-f]{2}){8,80}$", description="SM2 with SM3, DER, hex; over kind and canonical JSON")
]
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1, description="number of an audit row, from 1 and gap-free")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Time = Annotated[str, Field(min_length=1, max_length=40, description="ISO 8601, UTC; signed as it is written")]


class EnrolmentBody(BaseModel):
    """A device's public key and the first key of its audit chain; signed by the device."""

    incarnation: Annotated[Name, Field(description="id that a restore from a backup changes")]
    first_n: Annotated[RowNumber, Field(description="the first row that is tagged under the first key")]
    first_key: Annotated[Digest, Field(description="HMAC-SM3 key of the first 1,000 rows; later ones follow from it")]
    public_key: PublicKey
    signature: Signature


class EnrolmentReply(BaseModel):
    """The province's word that it has the key, after which the device wipes its own copy."""

    device: str
    incarnation: str
    first_key_sm3: Digest
    public_key: PublicKey
    province_key: Annotated[PublicKey, Field(description="the device pins it")]
    at: Time
    signature: Signature


class AnchorBody(BaseModel):
    """The head of an audit chain; signed by the device."""

    device: Name
    incarnation: Name
    n: RowNumber
    sm3: Digest
    tag: Digest
    at: Time
    after_n: Annotated[Version, Field(description="the row last anchored, as the device knows it; 0 for none")]
    after_sm3: Annotated[Digest, Field(description="that row as the device has it now; zeros for none")]
    signature: Signature


class CountersignedReply(BaseModel):
    """The province's word that row `n` was this."""

    device: str
    incarnation: str
    anchor_no: Version
    n: RowNumber
    sm3: Digest
    at: Time
    signature: Signature


class LastSequenceReply(BaseModel):
    """The last operation that arrived from one incarnation."""

    incarnation: str
    device_seq: Version
    op_id: str
    payload_sm3: Digest


class SequenceReply(BaseModel):
    """One entry for each incarnation, the oldest first; none for a device that never sent anything."""

    incarnations: list[LastSequenceReply]


class AuditRowBody(BaseModel):
    """What the province can check of one audit row; its contents stay at the device."""

    n: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
    sm3: Digest
    tag: Digest


class AuditCheckBody(BaseModel):
    """A page of rows, which follow on `after`; a page without rows asks for the last anchor only."""

    device: Name
    incarnation: Name
    after: Version
    rows: Annotated[list[AuditRowBody], Field(max_length=2000)]


class AuditCheckReply(BaseModel):
    """The first row that is wrong or missing, with a reason; null when all are good."""

    first_bad: int | None
    reason: str | None
    anchored_rows: Annotated[int, Field(ge=0, description="the last row that was countersigned; 0 for none")]


class AlarmRow(BaseModel):
    """Something that somebody has to look at."""

    device: str
    incarnation: str
    code: str
    n: int | None
