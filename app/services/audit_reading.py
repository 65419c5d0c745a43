"""Reading the audit chain's rows, by an auditor who signs in for it; the reading is itself a row."""

from __future__ import annotations

from app.catalogue import sentences
from app.domain.audit import AuditRow
from app.domain.refusal import Refusal
from app.journal.trouble import JournalRefused
from app.services.folder_door import FolderDoor, Place, folder_door
from app.services.ledger import Ledger


def read_audit(place: Place, by: str, password: str, last: int) -> tuple[AuditRow, ...] | Refusal:
    """Return the last rows, oldest first; refuses as a sign-in and as `folder_door` do, and NOT-PERMITTED."""
    try:
        with folder_door(place) as door:
            return door if isinstance(door, Refusal) else _read(door, by, password, last)
    except JournalRefused as refused:
        return refused.refusal


def _read(door: FolderDoor, by: str, password: str, last: int) -> tuple[AuditRow, ...] | Refusal:
    auditor = door.door.enter(by, password, "")
    if isinstance(auditor, Refusal):
        return auditor
    rows = Ledger(door.journal, door.doorway, sentences.load()).audit(auditor, last)
    door.door.leave(auditor)
    return rows
