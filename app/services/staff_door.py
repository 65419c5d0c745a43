"""Who comes to a window and goes, or signs there: passwords are asked of the hall, and each is a command."""

from __future__ import annotations

from app.catalogue.services import Catalogue
from app.domain.actor import Actor
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.services.doorway import Done, Doorway
from app.services.logs import forget_names

UNKNOWN_STAFF = "?"
"""Stands in the audit chain for whoever typed what is no staff number; it may have been a password."""


class StaffDoor:
    """Lets staff in and out. Methods block on journal and hall."""

    def __init__(self, hall: Hall, doorway: Doorway, catalogue: Catalogue) -> None:
        self._hall = hall
        self._doorway = doorway
        self._catalogue = catalogue

    def enter(self, staff_no: str, password: str, window: str) -> Actor | Refusal:
        """Check a member of staff's password; the answer does not say which part was wrong."""
        return self._let("sign_in", staff_no, password, window)

    def prove(self, staff_no: str, password: str, window: str) -> Actor | Refusal:
        """Check the password of a second person, who does not sign in; refuses as `enter` does."""
        return self._let("prove_second_person", staff_no, password, window)

    def _let(self, command: str, staff_no: str, password: str, window: str) -> Actor | Refusal:
        record = self._hall.check_password(staff_no, password)
        if isinstance(record, Refusal):
            refused = Refusal("HALL-STAFF-NONE") if self._hall.has_staff() is False else record
            known = self._hall.is_staff(staff_no) is True
            nobody = Actor(staff_no if known else UNKNOWN_STAFF, "", "", window)
            self._doorway.execute(command, nobody, lambda _tx: refused).result()
            return refused
        permissions, titles = self._catalogue.permissions(record.roles), self._catalogue.titles(record.roles)
        actor = Actor(record.staff_no, record.name, record.person_id, window, permissions, titles, record.roles)
        return self._doorway.execute(command, actor, lambda _tx: Done(actor)).result()

    def unlock(self, actor: Actor, password: str) -> Refusal | None:
        """Check the password of whoever is signed in."""
        record = self._hall.check_password(actor.staff_no, password)
        refused = record if isinstance(record, Refusal) else None
        return self._doorway.execute("unlock", actor, lambda _tx: refused or Done(None)).result()

    def leave(self, actor: Actor) -> None:
        """End the session of whoever is signed in."""
        self._doorway.execute("sign_out", actor, lambda _tx: Done(None)).result()
        forget_names()
