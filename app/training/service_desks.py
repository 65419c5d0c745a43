"""The desks for card services and what belongs to them, put together and given their addresses."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.clock import Clock
from app.province.code_map import CodeMaps
from app.training.answering import Responses
from app.training.appointment_desk import AppointmentDesk
from app.training.appointment_routes import add_appointments
from app.training.ecard_desk import EcardDesk
from app.training.ecard_routes import add_ecards
from app.training.entry_desk import EntryDesk
from app.training.entry_routes import add_entries, add_licences
from app.training.licence_desk import LicenceDesk
from app.training.making_desk import MakingDesk
from app.training.making_routes import add_making
from app.training.notice_desk import NoticeDesk
from app.training.photo_desk import PhotoDesk
from app.training.photo_routes import add_photos
from app.training.rating_desk import RatingDesk
from app.training.register_routes import add_notices, add_ratings, add_terminals
from app.training.service_desk import ServiceDesk
from app.training.service_routes import add_service_checks
from app.training.terminal_desk import TerminalDesk


@dataclass(frozen=True)
class ServiceDesks:
    """One desk a family of the wire."""

    services: ServiceDesk
    making: MakingDesk
    photos: PhotoDesk
    appointments: AppointmentDesk
    ratings: RatingDesk
    terminals: TerminalDesk
    notices: NoticeDesk
    entries: EntryDesk
    licences: LicenceDesk
    ecards: EcardDesk


def make_service_desks(engine: Engine, maps: CodeMaps, clock: Clock) -> ServiceDesks:
    """Put the desks over one store."""
    return ServiceDesks(
        services=ServiceDesk(engine, maps, clock),
        making=MakingDesk(engine, maps, clock),
        photos=PhotoDesk(engine, maps, clock),
        appointments=AppointmentDesk(engine, maps, clock),
        ratings=RatingDesk(engine, clock),
        terminals=TerminalDesk(engine, clock),
        notices=NoticeDesk(engine, clock),
        entries=EntryDesk(engine, maps, clock),
        licences=LicenceDesk(engine, maps, clock),
        ecards=EcardDesk(engine, maps, clock),
    )


def add_services(api: FastAPI, desks: ServiceDesks, refusals: Responses) -> None:
    """Add every family's addresses; `refusals` are what every address may answer."""
    add_service_checks(api, desks.services, refusals)
    add_making(api, desks.making, refusals)
    add_photos(api, desks.photos, refusals)
    add_appointments(api, desks.appointments, refusals)
    add_ratings(api, desks.ratings, refusals)
    add_terminals(api, desks.terminals, refusals)
    add_notices(api, desks.notices, refusals)
    add_entries(api, desks.entries, refusals)
    add_licences(api, desks.licences, refusals)
    add_ecards(api, desks.ecards, refusals)
