"""Registering a member of staff, by an administrator; no counter runs on the data folder meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue import sagas, services, texts
from app.catalogue.permissions import ADMINISTRATOR
from app.catalogue.services import Catalogue
from app.domain.actor import Actor
from app.domain.citizen_number import is_valid
from app.domain.refusal import Refusal
from app.hall.password_rule import load_password_rule
from app.hall.values import StaffRecord
from app.journal import limits
from app.journal.saga_engine import SagaEngine
from app.journal.trouble import JournalRefused
from app.services.folder_door import FolderDoor, Place, folder_door
from app.services.hall_steps import ADD_STAFF, HallSteps, hall_acts
from app.services.operator import operator_name

REGISTER = "staff.register"
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
        catalogue = services.load()
        known = [name for name, row in catalogue.roles.items() if row.staff]
        unknown = [role for role in self.roles if role not in known]
        if unknown:
            return Refusal.of("STAFF-ROLE-UNKNOWN", role=", ".join(unknown), known=", ".join(known))
        both = catalogue.apart(self.roles) & frozenset(self.roles)
        if both:
            return _apart(catalogue, min(both), max(both))
        number_fits = self.staff_no.isascii() and self.staff_no.isalnum() and len(self.staff_no) <= LONGEST_NUMBER
        if not number_fits:
            return Refusal.of("INPUT-WRONG", detail="staff_no")
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            return Refusal.of("INPUT-WRONG", detail="--name")
        return None


@dataclass(frozen=True, repr=False)
class Secrets:
    """What is asked for unseen: the natural person's citizen number, and the password."""

    citizen_number: str
    password: str
    administrator_password: str = ""
    """Of whoever registers; empty where the account of the system does."""


def register_staff(place: Place, new: NewStaff, secrets: Secrets, by: str = "") -> Refusal | None:
    """Register a member of staff in the hall of a folder, with the rows of a command in its journal.

    `by` is the administrator's staff number, empty while there is none.

    Refusals: STAFF-ROLE-UNKNOWN, STAFF-ROLES-APART, INPUT-WRONG, STAFF-PERSON-WRONG, STAFF-PASSWORD-WEAK, STAFF-EXISTS,
    STAFF-ADMIN-NEEDED, NOT-PERMITTED, DATA-FOLDER-IN-USE, those of a sign-in, and what opening settings, journal and
    hall refuses.
    """
    refusal = new.wrong() or wrong_person(secrets.citizen_number)
    refusal = refusal or load_password_rule().check(secrets.password, new.staff_no)
    if refusal is not None:
        return refusal
    try:
        return _register(place, new, secrets, by)
    except JournalRefused as refused:
        return refused.refusal


def wrong_person(citizen_number: str) -> Refusal | None:
    """Refuse what is no citizen number: STAFF-PERSON-WRONG."""
    return None if is_valid(citizen_number) else Refusal("STAFF-PERSON-WRONG")


def _register(place: Place, new: NewStaff, secrets: Secrets, by: str) -> Refusal | None:
    with folder_door(place) as door:
        if isinstance(door, Refusal):
            return door
        engine = SagaEngine(door.journal, sagas.load(), hall_acts(door.hall), lambda: False, limits.load())
        engine.run_due()
        who = _registrar(door, by, secrets.administrator_password)
        if isinstance(who, Refusal):
            return who
        added = _add(door, engine, who, new, secrets)
        return added if isinstance(added, Refusal) else None


def _registrar(door: FolderDoor, by: str, password: str) -> Actor | Refusal:
    """Find out who registers. Before the first administrator nobody could: the system's account answers for it."""
    if by:
        return door.door.enter(by, password, "")
    administered = door.hall.has_role(ADMINISTRATOR)
    if isinstance(administered, Refusal):
        return administered
    permissions = frozenset[str]() if administered else frozenset({REGISTER})
    return Actor(operator_name(), "", "", "", permissions)


def _add(door: FolderDoor, engine: SagaEngine, who: Actor, new: NewStaff, secrets: Secrets) -> StaffRecord | Refusal:
    apart = door.catalogue.apart(new.roles)
    steps = HallSteps(door.doorway, engine, door.clock)

    def add(op_id: str) -> StaffRecord | Refusal:
        person = secrets.citizen_number.upper()
        return door.hall.add_staff(
            new.staff_no, new.name, person, secrets.password, new.roles, op_id=op_id, apart=apart
        )

    detail = (("staff_no", new.staff_no), ("roles", " ".join(new.roles)))
    added = steps.take("add_staff", ADD_STAFF, who, add, lambda record: record.staff_no, detail)
    if isinstance(added, Refusal):
        return _in_words(added, who, new, door.catalogue)
    return added


def _in_words(refused: Refusal, who: Actor, new: NewStaff, catalogue: Catalogue) -> Refusal:
    if refused.code == "NOT-PERMITTED" and not who.roles:
        return Refusal("STAFF-ADMIN-NEEDED")
    if refused.code == "STAFF-ROLES-APART":
        return _apart(catalogue, new.roles[0], dict(refused.facts)["other"])
    return refused


def _apart(catalogue: Catalogue, role: str, other: str) -> Refusal:
    words = texts.load()
    titles = (words(catalogue.roles[name].title) for name in (role, other))
    return Refusal.of("STAFF-ROLES-APART", **dict(zip(("role", "other"), titles, strict=True)))
