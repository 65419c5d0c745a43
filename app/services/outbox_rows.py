"""What verbs do to single rows of an outbox, with the account of the system as actor: nobody is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal.transaction import Transaction

if TYPE_CHECKING:
    from app.journal.delivery_history import OperationHistory

RETRIED, EXPORTED = "outbox.retry", "outbox.export"


def delivered(tx: Transaction, number: str) -> OperationHistory | Refusal:
    """Return an operation that was queued: OP-NOT-HERE, or OP-NOT-QUEUED for one whose turn has not come."""
    found = tx.history(number)
    if found is None:
        return Refusal.of("OP-NOT-HERE", number=number)
    return found if found.deliveries else Refusal.of("OP-NOT-QUEUED", number=number)


def retry_by_verb(tx: Transaction, number: str, actor: str) -> Refusal | None:
    """Make one operation due, by op_id or 办件编号; the refusal is audited too."""
    found = delivered(tx, number)
    op_id = None if isinstance(found, Refusal) else found.deliveries[0].op_id
    refusal = found if isinstance(found, Refusal) else tx.retry(found.deliveries[0].op_id, Destination.PROVINCE)
    detail = {} if refusal is None else {"code": refusal.code}
    tx.audit(RETRIED, actor, "done" if refusal is None else "refused", op_id, detail)
    return refusal
