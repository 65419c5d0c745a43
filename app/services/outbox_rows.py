"""Finding the operation that somebody names, in the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.journal.transaction import Transaction

if TYPE_CHECKING:
    from app.journal.delivery_history import OperationHistory


def delivered(tx: Transaction, number: str) -> OperationHistory | Refusal:
    """Return an operation that was queued: OP-NOT-HERE, or OP-NOT-QUEUED for one whose turn has not come."""
    found = tx.history(number)
    if found is None:
        return Refusal.of("OP-NOT-HERE", number=number)
    return found if found.deliveries else Refusal.of("OP-NOT-QUEUED", number=number)
