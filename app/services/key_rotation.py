"""Rotating the data key of a folder that no counter holds, as a security administrator who proves it by password."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.refusal import Refusal
from app.journal.resealing import seal_all_anew
from app.journal.trouble import JournalRefused
from app.services.data_key_commands import DataKeyCommands
from app.services.folder_door import FolderDoor, Place, folder_door


@dataclass(frozen=True, repr=False)
class Administrator:
    """Who rotates."""

    staff_no: str
    password: str


@dataclass(frozen=True)
class Rotated:
    """The new key's number, and how many envelopes were sealed anew under it."""

    key_id: int
    sealed_anew: int


def rotate_key(place: Place, who: Administrator) -> Rotated | Refusal:
    """Make a new data key and seal everything anew; cut short, the next counter goes on with it.

    Refuses as a sign-in and as `folder_door` do, NOT-PERMITTED, and JOURNAL-DAMAGED.
    """
    try:
        with folder_door(place) as door:
            return door if isinstance(door, Refusal) else _rotate(door, who)
    except JournalRefused as refused:
        return refused.refusal


def _rotate(door: FolderDoor, who: Administrator) -> Rotated | Refusal:
    administrator = door.door.enter(who.staff_no, who.password, "")
    if isinstance(administrator, Refusal):
        return administrator
    key_id = DataKeyCommands(door.doorway).rotate(administrator)
    door.door.leave(administrator)
    if isinstance(key_id, Refusal):
        return key_id
    return Rotated(key_id, seal_all_anew(door.journal) or 0)
