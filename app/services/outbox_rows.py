"""What verbs do to single rows of an outbox, with the account of the system as actor: nobody is signed in."""

from __future__ import annotations

import getpass

from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal.transaction import Transaction

RETRIED, EXPORTED = "outbox.retry", "outbox.export"


def operator() -> str:
    """Return who runs the verb."""
    return f"os:{getpass.getuser()}"


def retry_by_verb(tx: Transaction, number: str, actor: str) -> Refusal | None:
    """Make one operation due, by op_id or 办件编号; the refusal is audited too."""
    found = tx.history(number)
    op_id = found.deliveries[0].op_id if found is not None and found.deliveries else None
    refusal = Refusal.of("OP-NOT-HERE", number=number) if op_id is None else tx.retry(op_id, Destination.PROVINCE)
    detail = {} if refusal is None else {"code": refusal.code}
    tx.audit(RETRIED, actor, "done" if refusal is None else "refused", op_id, detail)
    return refusal
