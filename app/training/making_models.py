"""Bodies of the reference wire /v1 for making a card at the window (business.md 2.2). Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from app.training.service_models import RequestReply
from app.training.whom import Device, Serial
from app.training.wire_models import Version

RequestNo = Annotated[str, Field(min_length=1, max_length=64)]
CardId = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$", description="AAZ501")]


class MakingBody(BaseModel):
    """One step of one request, by the device that makes the card."""

    serial: Serial
    request_no: RequestNo
    device: Device


class MakingReply(BaseModel):
    """The request after the step."""

    request: RequestReply


class MakingDataReply(BaseModel):
    """What is written to the chip and printed on the face; none of it may be empty (business.md 2.2)."""

    request_no: str
    card_number: Annotated[str, Field(description="AAZ500")]
    citizen_number: Annotated[str, Field(description="AAC002")]
    name: Annotated[str, Field(description="AAC003")]
    sex_code: Annotated[str, Field(description="AAC004")]
    nation_code: Annotated[str, Field(description="AAC005")]
    birth_date: Annotated[date, Field(description="AAC006")]
    issued: Annotated[date, Field(description="AAZ503")]
    expires: Annotated[date, Field(description="AAZ162")]
    region_code: Annotated[str, Field(description="AAB301")]
    bank_line: str
    bank_account: Annotated[str, Field(description="AAE010")]
    photo_sm3: Annotated[str, Field(description="of the JPEG that is printed; fetched by /v1/photos/query")]


class ResultBody(BaseModel):
    """回盘: what became of the making, one for each blank that was used."""

    serial: Serial
    request_no: RequestNo
    device: Device
    made: bool
    card_id: Annotated[CardId | None, Field(description="AAZ501 as read back; needed when made")] = None
    atr: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){0,33}$", description="卡复位信息, hex")] = ""
    bank_account: Annotated[str, Field(description="AAE010 as written")] = ""
    failed_stage: Annotated[str, Field(max_length=20, description="失败环节; needed when not made")] = ""
    failure_text: Annotated[str, Field(max_length=200, description="失败原因")] = ""


class EnablingReply(BaseModel):
    """启用: the card's state after it; `old_cards` are those that ended by it."""

    social_code: Annotated[str, Field(description="AAZ502")]
    version: Version
    old_cards: Annotated[list[str], Field(description="AAZ501 of the cards that it ended")]
