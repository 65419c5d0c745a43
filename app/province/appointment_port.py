"""The door for appointments (预约)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from app.domain.card_service import CardService
from app.domain.refusal import Refusal
from app.province.service_line import Whom


class AppointmentState(StrEnum):
    """Where an appointment stands; a state that nobody here knows blocks writes."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Appointment:
    """One appointment; `slot` is when it begins, HH:MM by the hall's clock."""

    appointment_no: str
    point: str
    day: date
    slot: str
    service: CardService | None
    state: AppointmentState


@dataclass(frozen=True)
class Booking:
    """A slot that is wanted; `serial` is made before the first try."""

    serial: str
    whom: Whom
    point: str
    day: date
    slot: str
    service: CardService


class Appointments(Protocol):
    """Refusals: those of the province, CARD-UNKNOWN, HOLDER-UNKNOWN, SERIAL-USED, APPOINTMENT-…."""

    def of(self, whom: Whom, purpose: str) -> tuple[Appointment, ...] | Refusal:
        """Ask for somebody's appointments from today on."""
        ...

    def book(self, booking: Booking) -> Appointment | Refusal:
        """Take a slot."""
        ...

    def cancel(self, serial: str, appointment_no: str, whom: Whom) -> Appointment | Refusal:
        """Give an appointment up."""
        ...

    def arrive(self, serial: str, appointment_no: str, whom: Whom) -> Appointment | Refusal:
        """Check in."""
        ...
