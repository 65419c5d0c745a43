"""Appointments over the province's line."""

from __future__ import annotations

from app.domain.card_service import CardService
from app.domain.refusal import Refusal
from app.province.appointment_port import Appointment, AppointmentState, Booking
from app.province.http_line import HttpLine
from app.province.json_fields import Fields, IllTyped
from app.province.service_line import Whom, tell

NAMED = frozenset(
    {
        *("APPOINTMENT-UNKNOWN", "APPOINTMENT-DAY", "APPOINTMENT-SLOT", "APPOINTMENT-TAKEN", "APPOINTMENT-FULL"),
        *("APPOINTMENT-NOT-BOOKED", "APPOINTMENT-TOO-LATE", "APPOINTMENT-OTHER-DAY"),
    }
)


class HttpAppointments:
    """Implements `appointment_port.Appointments`."""

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def of(self, whom: Whom, purpose: str) -> tuple[Appointment, ...] | Refusal:
        """Ask for somebody's appointments."""
        body = {"whom": whom.body(), "purpose": purpose}
        return tell(self._line, "/v1/appointments/query", body, read_appointments)

    def book(self, booking: Booking) -> Appointment | Refusal:
        """Take a slot."""
        body = {
            "serial": booking.serial,
            "whom": booking.whom.body(),
            "point": booking.point,
            "day": booking.day.isoformat(),
            "slot": booking.slot,
            "service": booking.service.value,
        }
        return tell(self._line, "/v1/appointments", body, read_appointment, NAMED)

    def cancel(self, serial: str, appointment_no: str, whom: Whom) -> Appointment | Refusal:
        """Give an appointment up."""
        return self._move("cancel", serial, appointment_no, whom)

    def arrive(self, serial: str, appointment_no: str, whom: Whom) -> Appointment | Refusal:
        """Check in."""
        return self._move("arrive", serial, appointment_no, whom)

    def _move(self, step: str, serial: str, appointment_no: str, whom: Whom) -> Appointment | Refusal:
        body = {"serial": serial, "appointment_no": appointment_no, "whom": whom.body()}
        return tell(self._line, f"/v1/appointments/{step}", body, read_appointment, NAMED)


def read_appointments(reply: Fields) -> tuple[Appointment, ...]:
    """Read {"appointments"}."""
    return tuple(read_appointment(row) for row in reply.objects("appointments"))


def read_appointment(row: Fields) -> Appointment:
    """Read one appointment; an unknown state is AppointmentState.UNKNOWN."""
    day, state, service = row.optional_day("day"), row.text("state"), row.text("service")
    if day is None:
        raise IllTyped("day")
    return Appointment(
        appointment_no=row.filled_text("appointment_no"),
        point=row.text("point"),
        day=day,
        slot=row.filled_text("slot"),
        service=CardService(service) if service in tuple(CardService) else None,
        state=AppointmentState(state) if state in tuple(AppointmentState) else AppointmentState.UNKNOWN,
    )
