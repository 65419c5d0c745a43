"""Commands of the system's account, which verbs run: nobody is signed in, and each leaves its audit row."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.services import Catalogue
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway, NoProvince
from app.services.operator import operator
from app.services.outbox_desk import EXPORT, RETRY, RETRY_ALL, lift_all
from app.services.outbox_rows import delivered

BACK_UP = "back_up_journal"
NOTED = frozenset({EXPORT, BACK_UP})
"""Commands that a verb has carried out itself, beside the counter, before they take effect here."""


class OperatorDoor:
    """A doorway for what an account does by verbs; methods block on the journal."""

    def __init__(self, journal: Journal, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._doorway = Doorway(journal, catalogue.commands, NoProvince())

    def retry(self, number: str, account: str) -> Refusal | None:
        """Make one operation due, by op_id or 办件编号; refused, with the reason, for one that was answered."""

        def work(tx: Transaction) -> Done[None] | Refusal:
            found = delivered(tx, number)
            if isinstance(found, Refusal):
                return found
            op_id = found.deliveries[0].op_id
            return tx.retry(op_id, Destination.PROVINCE) or Done(None, op_id)

        return self._doorway.execute(RETRY, operator(self._catalogue, account), work).result()

    def retry_all(self, account: str) -> Refusal | None:
        """Lift every wait."""
        return self._doorway.execute(RETRY_ALL, operator(self._catalogue, account), lift_all).result()

    def note(self, command: str, account: str, detail: Mapping[str, str]) -> Refusal | None:
        """Write down one of `NOTED`, refused to an account that may not; any other name raises KeyError."""
        if command not in NOTED:
            raise KeyError(command)
        row = tuple(sorted(detail.items()))
        done = Done(None, detail=row)
        return self._doorway.execute(command, operator(self._catalogue, account), lambda _tx: done).result()
