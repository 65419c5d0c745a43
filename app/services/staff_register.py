"""Registering a member of staff, by whoever may use the data folder; no counter runs on it meanwhile."""

from __future__ import annotations

import getpass
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.catalogue import sagas, services
from app.domain.actor import Actor
from app.domain.citizen_number import is_valid
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.password_rule import load_password_rule
from app.hall.values import StaffRecord
from app.journal import limits
from app.journal.saga_engine import SagaEngine
from app.journal.trouble import JournalRefused
from app.services import data_folder, settings
from app.services.books import open_books
from app.services.doorway import Doorway
from app.services.hall_steps import ADD_STAFF, HallSteps, hall_acts

LONGEST_NUMBER = 20
LONGEST_NAME = 80


@dataclass(frozen=True)
class NewStaff:
    """Whom to register."""

    staff_no: str
    name: str
    roles: tuple[str, ...]

    def wrong(self) -> Refusal | None:
        """Name the first thing that cannot be taken as it is."""
        known = services.load().roles
        unknown = [role for role in self.roles if role not in known]
        if unknown:
            return Refusal.of("STAFF-ROLE-UNKNOWN", role=", ".join(unknown), known=", ".join(known))
        number_fits = self.staff_no.isascii() and self.staff_no.isalnum() and len(self.staff_no) <= LONGEST_NUMBER
        if not number_fits:
            return Refusal.of("INPUT-WRONG", detail="staff_no")
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            return Refusal.of("INPUT-WRONG", detail="--name")
        return None


class _NoProvince:
    """Nobody asks the province here."""

    online = False


@dataclass(frozen=True, repr=False)
class Secrets:
    """What is asked for unseen: the natural person's citizen number, and the password."""

    citizen_number: str
    password: str


def register_staff(folder: Path, training: bool, url: str | None, new: NewStaff, secrets: Secrets) -> Refusal | None:
    """Register a member of staff in the hall of a folder, with the rows of a command in its journal.

    Refusals: STAFF-ROLE-UNKNOWN, INPUT-WRONG, STAFF-PERSON-WRONG, STAFF-PASSWORD-WEAK, STAFF-EXISTS,
    DATA-FOLDER-IN-USE, and what opening settings, journal and hall refuses.
    """
    refusal = new.wrong() or wrong_person(secrets.citizen_number)
    refusal = refusal or load_password_rule().check(secrets.password, new.staff_no)
    if refusal is not None:
        return refusal
    try:
        return _register(folder, training, url, new, secrets)
    except JournalRefused as refused:
        return refused.refusal


def wrong_person(citizen_number: str) -> Refusal | None:
    """Refuse what is no citizen number: STAFF-PERSON-WRONG."""
    return None if is_valid(citizen_number) else Refusal("STAFF-PERSON-WRONG")


def _register(folder: Path, training: bool, url: str | None, new: NewStaff, secrets: Secrets) -> Refusal | None:
    with ExitStack() as stack:
        held = data_folder.hold(folder)
        if isinstance(held, Refusal):
            return held
        stack.callback(held.release)
        found = settings.load(folder, training, url)
        if isinstance(found, Refusal):
            return found
        clock = SystemClock()
        books = open_books(found, clock, stack)
        if isinstance(books, Refusal):
            return books
        journal, hall = books
        engine = SagaEngine(journal, sagas.load(), hall_acts(hall), lambda: False, limits.load())
        engine.run_due()
        steps = HallSteps(Doorway(journal, services.load().commands, _NoProvince()), engine, clock)
        added = _add(steps, hall, new, secrets)
        return added if isinstance(added, Refusal) else None


def _add(steps: HallSteps, hall: Hall, new: NewStaff, secrets: Secrets) -> StaffRecord | Refusal:
    def add(op_id: str) -> StaffRecord | Refusal:
        person = secrets.citizen_number.upper()
        return hall.add_staff(new.staff_no, new.name, person, secrets.password, new.roles, op_id=op_id)

    # Nobody need be signed in, for there may be nobody yet who could: the account of the system answers for it.
    operator = Actor(f"os:{getpass.getuser()}", "", "", "")
    detail = (("staff_no", new.staff_no), ("roles", " ".join(new.roles)))
    return steps.take("add_staff", ADD_STAFF, operator, add, lambda record: record.staff_no, detail)
