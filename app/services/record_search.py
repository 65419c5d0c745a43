"""Finding an operation of this machine again, by a whole number, a whole name, or the like; each search is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.operation import OperationKind
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.search_tokens import SearchKind
from app.journal.transaction import Transaction
from app.services.doorway import Doorway
from app.services.folder_door import Place, SignIn, signed_in


@dataclass(frozen=True)
class FoundRecord:
    """One operation that was found; whose it is, a face asks for when it is opened."""

    op_id: str
    kind: OperationKind
    acceptance_no: str
    at: datetime
    clerk: str


def find_records(place: Place, who: SignIn, kind: SearchKind, typed: str) -> tuple[FoundRecord, ...] | Refusal:
    """Search the journal of a folder that no counter holds; refuses as `signed_in` does, and NOT-PERMITTED."""
    return signed_in(place, who, lambda door, actor: RecordSearch(door.journal, door.doorway).find(kind, typed, actor))


class RecordSearch:
    """Searches through the doorway. Methods block on the journal."""

    def __init__(self, journal: Journal, doorway: Doorway) -> None:
        self._journal = journal
        self._doorway = doorway

    def find(self, kind: SearchKind, typed: str, actor: Actor) -> tuple[FoundRecord, ...] | Refusal:
        """Return what is found, newest first; the audit row says that it was asked, never what was typed."""

        def search(tx: Transaction) -> tuple[FoundRecord, ...]:
            operations = [tx.operation(op_id) for op_id in tx.search(kind, typed)]
            return tuple(
                FoundRecord(done.op_id, done.kind, done.acceptance_no, done.occurred.wall, done.clerk)
                for done in operations
            )

        return self._doorway.ask("search_records", actor, lambda: self._journal.run(search).result())
