"""Bodies of the bank's reference wire /bank/v1. Extended and never replaced."""

from __future__ import annotations

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


class SerialReply(BaseModel):
    """What became of one serial."""

    serial: str
    outcome: BankOutcome
    reason: str | None = None
    at: AwareDatetime


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
