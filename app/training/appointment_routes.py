"""The addresses under /v1 for appointments."""

from __future__ import annotations

from fastapi import FastAPI

from app.training.answering import Responses, answered, with_absence, with_conflicts
from app.training.appointment_desk import AppointmentDesk
from app.training.appointment_models import (
    AppointmentBody,
    AppointmentQueryBody,
    AppointmentReply,
    AppointmentsReply,
    BookingBody,
)


def add_appointments(api: FastAPI, desk: AppointmentDesk, refusals: Responses) -> None:
    """Add the addresses; `refusals` are what every address may answer."""
    responses = with_conflicts(refusals)

    @api.post("/v1/appointments/query", operation_id="appointments", responses=with_absence(refusals))
    def query(body: AppointmentQueryBody) -> AppointmentsReply:
        return answered(desk.query(body))

    @api.post("/v1/appointments", operation_id="book_appointment", responses=responses)
    def book(body: BookingBody) -> AppointmentReply:
        return answered(desk.book(body))

    @api.post("/v1/appointments/cancel", operation_id="cancel_appointment", responses=responses)
    def cancel(body: AppointmentBody) -> AppointmentReply:
        return answered(desk.cancel(body))

    @api.post("/v1/appointments/arrive", operation_id="arrive_for_appointment", responses=responses)
    def arrive(body: AppointmentBody) -> AppointmentReply:
        return answered(desk.arrive(body))
