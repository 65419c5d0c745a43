"""Commands of the system's account, which verbs run: nobody is signed in, and each leaves its audit row."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.permissions import OPERATOR
from app.catalogue.services import Catalogue
from app.domain.actor import Actor
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.outbox_desk import EXPORT, RETRY, RETRY_ALL
from app.services.outbox_rows import delivered

BACK_UP = "back_up_journal"
NOTED = frozenset({EXPORT, BACK_UP})
"""Commands that a verb has carried out itself, beside the counter, before they take effect here."""


class OperatorDoor:
    """A doorway for what an account does by verbs; methods block on the journal."""

    def __init__(self, journal: Journal, catalogue: Catalogue) -> None:
        self._doorway = Doorway(journal, catalogue.commands, _NoProvince())
        self._permissions = catalogue.permissions((OPERATOR,))

    def retry(self, number: str, account: str) -> Refusal | None:
        """Make one operation due, by op_id or 办件编号; refused, with the reason, for one that was answered."""

        def work(tx: Transaction) -> Done[None] | Refusal:
            found = delivered(tx, number)
            if isinstance(found, Refusal):
                return found
            op_id = found.deliveries[0].op_id
            return tx.retry(op_id, Destination.PROVINCE) or Done(None, op_id)

        return self._doorway.execute(RETRY, self._actor(account), work).result()

    def retry_all(self, account: str) -> Refusal | None:
        """Lift every wait."""

        def work(tx: Transaction) -> Done[None]:
            return Done(None, detail=(("lifted", str(tx.make_due_now())),))

        return self._doorway.execute(RETRY_ALL, self._actor(account), work).result()

    def note(self, command: str, account: str, detail: Mapping[str, str]) -> Refusal | None:
        """Write down one of `NOTED`, refused to an account that may not; any other name raises KeyError."""
        if command not in NOTED:
            raise KeyError(command)
        row = tuple(sorted(detail.items()))
        return self._doorway.execute(command, self._actor(account), lambda _tx: Done(None, detail=row)).result()

    def _actor(self, account: str) -> Actor:
        return Actor(account, "", "", "", self._permissions)


class _NoProvince:
    """None of these needs the province."""

    online = False
