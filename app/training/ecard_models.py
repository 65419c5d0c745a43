"""Bodies of the reference wire /v1 for e-cards (电子社保卡). Extended and never replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.training.whom import Device, Purpose

Business = Annotated[
    Literal["01", "03"], Field(description="01 enquiry, 03 other; 02 is payment, which no counter does")
]
EcardNumber = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Use = Annotated[str, Field(description="all, own_authorisation, paused, stopped")]
AuthorisationNumber = Annotated[str, Field(min_length=1, max_length=64)]
Item = Annotated[str, Field(min_length=1, max_length=40)]


class EcardVerifyBody(BaseModel):
    """A code that a holder shows, as it was scanned; it is never stored."""

    code: Annotated[str, Field(min_length=8, max_length=512)]
    device: Device
    business: Business
    purpose: Purpose


class EcardAuthorisationReply(BaseModel):
    """What a holder confirmed on the phone (精准授权)."""

    number: AuthorisationNumber
    items: list[str]
    purpose: str
    given_at: AwareDatetime
    valid_until: AwareDatetime


class EcardVerifiedReply(BaseModel):
    """Whose code it was, and what it may be used for."""

    result_id: str
    ecard_number: EcardNumber
    use: Use
    name: str
    citizen_number: Annotated[str, Field(description="AAC002")]
    card_id: Annotated[str | None, Field(description="AAZ501")]
    authorisation: EcardAuthorisationReply | None
    at: AwareDatetime


class EcardStateBody(BaseModel):
    """Which e-card, and why."""

    ecard_number: EcardNumber
    purpose: Purpose


class EcardStateReply(BaseModel):
    """What the e-card may do now."""

    ecard_number: EcardNumber
    use: Use
    as_of: AwareDatetime


class EcardAuthorisationBody(BaseModel):
    """Which authorisation, and why."""

    number: AuthorisationNumber
    purpose: Purpose


class EcardLoginBody(BaseModel):
    """扫码登录: what the hall asks a holder to confirm."""

    device: Device
    business: Business
    purpose: Purpose
    items: Annotated[list[Item], Field(min_length=1, max_length=20)]


class EcardLoginCodeReply(BaseModel):
    """The one-time code that the hall shows."""

    login_id: str
    code: str
    valid_until: AwareDatetime


class EcardLoginQueryBody(BaseModel):
    """A login of this device."""

    login_id: Annotated[str, Field(min_length=1, max_length=64)]
    device: Device


class EcardLoginReply(BaseModel):
    """Where it stands: waiting, confirmed, declined, expired, cancelled."""

    state: str
    ecard: EcardVerifiedReply | None
