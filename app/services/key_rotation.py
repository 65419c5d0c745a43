"""Rotating the data key of a folder that no counter holds, as a security administrator who proves it by password."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actor import Actor
from app.domain.refusal import Refusal
from app.journal.resealing import seal_all_anew
from app.services.data_key_commands import DataKeyCommands
from app.services.folder_door import FolderDoor, Place, SignIn, signed_in


@dataclass(frozen=True)
class Rotated:
    """The new key's number, and how many envelopes were sealed anew under it."""

    key_id: int
    sealed_anew: int


def rotate_key(place: Place, administrator: SignIn) -> Rotated | Refusal:
    """Make a new data key and seal everything anew; cut short, the next counter goes on with it.

    Refuses as `signed_in` does, NOT-PERMITTED, and JOURNAL-DAMAGED.
    """
    return signed_in(place, administrator, _rotate)


def _rotate(door: FolderDoor, administrator: Actor) -> Rotated | Refusal:
    key_id = DataKeyCommands(door.doorway).rotate(administrator)
    if isinstance(key_id, Refusal):
        return key_id
    return Rotated(key_id, seal_all_anew(door.journal) or 0)
