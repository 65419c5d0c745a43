"""Reading the audit chain's rows, by an auditor who signs in for it; the reading is itself a row."""

from __future__ import annotations

from app.catalogue import sentences
from app.domain.audit import AuditRow
from app.domain.refusal import Refusal
from app.services.folder_door import Place, SignIn, signed_in
from app.services.ledger import Ledger


def read_audit(place: Place, auditor: SignIn, last: int) -> tuple[AuditRow, ...] | Refusal:
    """Return the last rows, oldest first; refuses as `signed_in` does, and NOT-PERMITTED."""
    return signed_in(
        place, auditor, lambda door, who: Ledger(door.journal, door.doorway, sentences.load()).audit(who, last)
    )
