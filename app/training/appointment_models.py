"""Bodies of the reference wire /v1 for appointments (预约). Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.domain.card_service import CardService
from app.training.whom import Purpose, Serial, WhomBody

Point = Annotated[str, Field(min_length=1, max_length=64, description="the service point's number")]
Slot = Annotated[str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$", description="when it begins, hall's time")]


class AppointmentReply(BaseModel):
    """One appointment."""

    appointment_no: str
    point: str
    day: date
    slot: Slot
    service: str
    state: Literal["booked", "cancelled", "arrived"]


class AppointmentQueryBody(BaseModel):
    """A person's appointments, from today on."""

    whom: WhomBody
    purpose: Purpose


class AppointmentsReply(BaseModel):
    """By day and slot."""

    appointments: list[AppointmentReply]


class BookingBody(BaseModel):
    """Take a slot."""

    serial: Serial
    whom: WhomBody
    point: Point
    day: date
    slot: Slot
    service: CardService


class AppointmentBody(BaseModel):
    """Give up an appointment, or arrive for it."""

    serial: Serial
    appointment_no: Annotated[str, Field(min_length=1, max_length=64)]
    whom: WhomBody
