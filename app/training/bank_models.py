"""Bodies of the bank's reference wire /bank/v1. Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.province.bank_port import BankOutcome

Serial = Annotated[str, Field(min_length=1, max_length=64, description="ours, made before the first try")]


class LossBody(BaseModel):
    """银行挂失."""

    serial: Serial
    account: Annotated[str, Field(min_length=1, description="AAE010")]
    holder: Annotated[str, Field(description="AAC003")]
    citizen_number: Annotated[str, Field(description="AAC002")]
    loss_type: Annotated[str, Field(description="LossRegType; 3 is formal")]


class ReleaseBody(BaseModel):
    """解除银行挂失."""

    serial: Serial
    loss_serial: Annotated[str, Field(min_length=1, description="serial of the loss that is taken back")]
    account: Annotated[str, Field(min_length=1, description="AAE010")]


class OpeningBody(BaseModel):
    """开户: a Class-I account for the card of a request; the province learns of it from the bank."""

    serial: Serial
    request_no: Annotated[str, Field(min_length=1, max_length=64)]
    bank_line: Annotated[str, Field(description="which bank, by its telephone line")]
    holder: Annotated[str, Field(description="AAC003")]
    id_type: Annotated[str, Field(description="AAC058")]
    citizen_number: Annotated[str, Field(description="AAC002")]
    id_expires: Annotated[date | None, Field(description="ACC010; null is for ever")] = None
    phone: Annotated[str, Field(description="AAC067")]
    occupation: Annotated[str, Field(description="the bank's own list; empty is refused")]
    consented: Annotated[bool, Field(description="the holder's consent to the account")]


class ReturnBody(BaseModel):
    """银行回盘: whether the finance part of a same-number card was written."""

    serial: Serial
    request_no: Annotated[str, Field(min_length=1, max_length=64)]
    account: Annotated[str, Field(min_length=1, description="AAE010")]
    card_id: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$", description="AAZ501")]
    written: bool


class SerialReply(BaseModel):
    """What became of one serial; `account` where it opened or kept one."""

    serial: str
    outcome: BankOutcome
    reason: str | None = None
    at: AwareDatetime
    account: str | None = None


class BankLedgerRow(BaseModel):
    """How often a serial changed an account."""

    serial: str
    kind: str
    account: str
    outcome: BankOutcome
    applied: int


class AccountBody(BaseModel):
    """Whether an account is lost, and by which serial; told behind the counter's back the serial is empty."""

    lost: bool
    serial: str | None = None
