"""The doorway of a data folder on which no counter runs, for verbs that change something or that are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.catalogue import services
from app.catalogue.services import Catalogue
from app.domain.actor import Actor
from app.domain.clock import Clock, SystemClock
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.journal.journal import Journal
from app.journal.trouble import JournalRefused
from app.services import data_folder, settings
from app.services.books import open_books
from app.services.doorway import Doorway, NoProvince
from app.services.staff_door import StaffDoor

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A data folder, and the hall where it is not the folder's own."""

    folder: Path
    training: bool
    url: str | None = None


@dataclass(frozen=True)
class FolderDoor:
    """Journal and hall of a folder, behind one doorway."""

    journal: Journal
    hall: Hall
    doorway: Doorway
    door: StaffDoor
    catalogue: Catalogue
    clock: Clock


@dataclass(frozen=True, repr=False)
class SignIn:
    """By what a verb knows who asks."""

    staff_no: str
    password: str


@contextmanager
def folder_door(place: Place) -> Iterator[FolderDoor | Refusal]:
    """Hold a folder and open its books until the end.

    Refusals: DATA-FOLDER-IN-USE, and what opening settings, journal and hall refuses.
    """
    with ExitStack() as stack:
        yield _opened(place, stack)


def signed_in(place: Place, who: SignIn, work: Callable[[FolderDoor, Actor], T | Refusal]) -> T | Refusal:
    """Do some work in a folder as somebody who signs in for it, and out after it.

    Refuses as a sign-in, as `folder_door` and as the journal do.
    """
    try:
        with folder_door(place) as door:
            if isinstance(door, Refusal):
                return door
            actor = door.door.enter(who.staff_no, who.password, "")
            if isinstance(actor, Refusal):
                return actor
            done = work(door, actor)
            door.door.leave(actor)
            return done
    except JournalRefused as refused:
        return refused.refusal


def _opened(place: Place, stack: ExitStack) -> FolderDoor | Refusal:
    held = data_folder.hold(place.folder)
    if isinstance(held, Refusal):
        return held
    stack.callback(held.release)
    found = settings.load(place.folder, place.training, place.url)
    if isinstance(found, Refusal):
        return found
    clock = SystemClock()
    books = open_books(found, clock, stack)
    if isinstance(books, Refusal):
        return books
    journal, hall = books
    catalogue = services.load()
    doorway = Doorway(journal, catalogue.commands, NoProvince(), queries=catalogue.queries)
    return FolderDoor(journal, hall, doorway, StaffDoor(hall, doorway, catalogue), catalogue, clock)
