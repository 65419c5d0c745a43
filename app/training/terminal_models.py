"""Bodies of the reference wire /v1 for the register of terminals (终端台账). Extended and never replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.training.whom import Device, Serial

TerminalNo = Annotated[str, Field(pattern=r"^[0-9]{12}$", description="终端机编号")]
Words = Annotated[str, Field(max_length=64)]


class TerminalBody(BaseModel):
    """One terminal and where it stands."""

    serial: Serial
    terminal_no: TerminalNo
    device: Device
    organisation: Annotated[str, Field(min_length=1, max_length=64, description="经办机构编号")]
    kind: Literal["reader", "counter", "kiosk", "card_printer", "scanner", "pad", "other"]
    model: Words = ""
    region_code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="AAB301")]
    position: Words = ""


class TerminalOffBody(BaseModel):
    """Strike a terminal off."""

    serial: Serial
    terminal_no: TerminalNo
    device: Device


class TerminalReply(BaseModel):
    """What the register has."""

    terminal_no: TerminalNo
    device: str
    organisation: str
    kind: str
    model: str
    region_code: str
    position: str
    registered: bool
    at: AwareDatetime


class TerminalsReply(BaseModel):
    """Every terminal of a device."""

    terminals: list[TerminalReply]
