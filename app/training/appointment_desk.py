"""Appointments: one a person and day, within the days that may be booked, each slot with so many places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from app.catalogue.tables import number, read_table, strings
from app.domain.clock import HALL_ZONE, Clock
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.appointment_models import (
    AppointmentBody,
    AppointmentQueryBody,
    AppointmentReply,
    AppointmentsReply,
    BookingBody,
)
from app.training.once import once
from app.training.records import CardRecord
from app.training.schema import LOOKUPS
from app.training.service_schema import APPOINTMENTS
from app.training.store import stamp
from app.training.whom import find

_FILE = "appointment_rules.toml"


@dataclass(frozen=True)
class AppointmentRules:
    """When may be booked; days from today, hours before the slot."""

    first_day: int
    last_day: int
    cancel_hours: int
    places_a_slot: int
    slots: tuple[str, ...]


@cache
def rules() -> AppointmentRules:
    """Load `resources/training/appointment_rules.toml`; raises TableError."""
    found = read_table("training", _FILE)
    first, last, hours, places = (
        number(found.get(name), _FILE) for name in ("first_day", "last_day", "cancel_hours", "places_a_slot")
    )
    return AppointmentRules(first, last, hours, places, strings(found.get("slots"), _FILE))


class AppointmentDesk:
    """Refusals: CARD-UNKNOWN, HOLDER-UNKNOWN, APPOINTMENT-…."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def query(self, body: AppointmentQueryBody) -> AppointmentsReply | Refusal:
        """List a person's appointments from today on."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            noted = {"person_id": card.person_key, "purpose": body.purpose, "at": stamp(now)}
            connection.execute(insert(LOOKUPS).values(noted))
            today = now.astimezone(HALL_ZONE).date().isoformat()
            mine = (APPOINTMENTS.c.person_id == card.person_key) & (APPOINTMENTS.c.day >= today)
            query = select(APPOINTMENTS).where(mine).order_by(APPOINTMENTS.c.day, APPOINTMENTS.c.slot)
            found = connection.execute(query).mappings().all()
        return AppointmentsReply(appointments=[_reply(row) for row in found])

    def book(self, body: BookingBody) -> AppointmentReply | Refusal:
        """Take a slot; APPOINTMENT-DAY, APPOINTMENT-SLOT, APPOINTMENT-TAKEN, APPOINTMENT-FULL."""
        now = self._clock.now()

        def do() -> AppointmentReply | Refusal:
            card = find(connection, self._maps, body.whom)
            return card if isinstance(card, Refusal) else _book(connection, card, body, now)

        with self._engine.begin() as connection:
            return once(connection, "appointment", body.serial, body, AppointmentReply, now, do)

    def cancel(self, body: AppointmentBody) -> AppointmentReply | Refusal:
        """Give up an appointment; APPOINTMENT-UNKNOWN, APPOINTMENT-NOT-BOOKED, APPOINTMENT-TOO-LATE."""

        def late(row: RowMapping, now: datetime) -> Refusal | None:
            begins = datetime.combine(date.fromisoformat(row["day"]), time.fromisoformat(row["slot"]), HALL_ZONE)
            too_late = now > begins - timedelta(hours=rules().cancel_hours)
            return Refusal("APPOINTMENT-TOO-LATE") if too_late else None

        return self._move("appointment cancel", body, "cancelled", late)

    def arrive(self, body: AppointmentBody) -> AppointmentReply | Refusal:
        """Check in; APPOINTMENT-UNKNOWN, APPOINTMENT-NOT-BOOKED, APPOINTMENT-OTHER-DAY."""

        def today(row: RowMapping, now: datetime) -> Refusal | None:
            same = row["day"] == now.astimezone(HALL_ZONE).date().isoformat()
            return None if same else Refusal("APPOINTMENT-OTHER-DAY")

        return self._move("appointment arrive", body, "arrived", today)

    def _move(
        self, kind: str, body: AppointmentBody, state: str, why_not: Callable[[RowMapping, datetime], Refusal | None]
    ) -> AppointmentReply | Refusal:
        now = self._clock.now()

        def do() -> AppointmentReply | Refusal:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            mine = APPOINTMENTS.c.appointment_no == body.appointment_no
            row = connection.execute(select(APPOINTMENTS).where(mine)).mappings().first()
            if row is None or row["person_id"] != card.person_key:
                return Refusal("APPOINTMENT-UNKNOWN")
            if row["state"] != "booked":
                return Refusal("APPOINTMENT-NOT-BOOKED")
            if (refusal := why_not(row, now)) is not None:
                return refusal
            connection.execute(update(APPOINTMENTS).where(mine).values(state=state))
            return _reply({**row, "state": state})

        with self._engine.begin() as connection:
            return once(connection, kind, body.serial, body, AppointmentReply, now, do)


def _book(connection: Connection, card: CardRecord, body: BookingBody, now: datetime) -> AppointmentReply | Refusal:
    form, today = rules(), now.astimezone(HALL_ZONE).date()
    if not form.first_day <= (body.day - today).days <= form.last_day:
        return Refusal("APPOINTMENT-DAY")
    if body.slot not in form.slots:
        return Refusal("APPOINTMENT-SLOT")
    same_day = (APPOINTMENTS.c.day == body.day.isoformat()) & (APPOINTMENTS.c.state != "cancelled")
    if connection.execute(
        select(APPOINTMENTS.c.point).where(same_day, APPOINTMENTS.c.person_id == card.person_key)
    ).first():
        return Refusal("APPOINTMENT-TAKEN")
    here = same_day & (APPOINTMENTS.c.point == body.point) & (APPOINTMENTS.c.slot == body.slot)
    if (
        connection.execute(select(func.count()).select_from(APPOINTMENTS).where(here)).scalar_one()
        >= form.places_a_slot
    ):
        return Refusal("APPOINTMENT-FULL")
    count = connection.execute(select(func.count()).select_from(APPOINTMENTS)).scalar_one()
    row = {
        "appointment_no": f"Y{body.day:%Y%m%d}{count + 1:06d}",
        "point": body.point,
        "day": body.day.isoformat(),
        "slot": body.slot,
        "service": body.service.value,
        "state": "booked",
    }
    connection.execute(insert(APPOINTMENTS).values({**row, "person_id": card.person_key}))
    return AppointmentReply.model_validate(row)


def _reply(row: RowMapping | dict[str, object]) -> AppointmentReply:
    return AppointmentReply.model_validate({name: row[name] for name in AppointmentReply.model_fields})
