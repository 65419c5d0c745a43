"""What an operation has come to, whether the outbox alone carries it out or a saga: said as one delivery's state."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.operation import DeliveryState, Destination
from app.domain.refusal import Refusal
from app.journal.saga_values import SagaState, SagaView, StepState
from app.journal.transaction import Transaction

TWO_PERSONS = "SAGA-TWO-PERSONS"


@dataclass(frozen=True)
class TakenState:
    """How far an operation has come; `saga` is None where the outbox alone carries it out."""

    state: DeliveryState
    reason: str | None
    saga: SagaView | None = None


def taken_state(tx: Transaction, op_id: str) -> TakenState:
    """Read how far an operation has come; raises KeyError for one that was never taken."""
    if not tx.sagas.exists(op_id):
        return TakenState(*tx.delivery_state(op_id, Destination.PROVINCE))
    view = tx.sagas.view(op_id)
    return TakenState(*as_delivery(view), view)


def as_delivery(view: SagaView) -> tuple[DeliveryState, str | None]:
    """Say a saga's state in the words of a delivery: queued as long as its way forward is open."""
    code = view.refusal.code if view.refusal is not None else None
    match view.state:
        case SagaState.DONE:
            return DeliveryState.APPLIED, None
        case SagaState.UNDOING | SagaState.UNDONE | SagaState.LEFT:
            return DeliveryState.REJECTED, code
        case SagaState.TWO_PERSONS:
            return (DeliveryState.REJECTED, code) if code is not None else (DeliveryState.QUEUED, TWO_PERSONS)
        case SagaState.RUNNING:
            return DeliveryState.QUEUED, view.trouble.code if view.trouble is not None else None


def nothing_happened(view: SagaView) -> Refusal | None:
    """Return why a saga ended without any effect, or None where it had one or may still have."""
    untouched = all(row.state in (StepState.FAILED, StepState.NOT_DONE) for row in view.steps)
    if view.state is not SagaState.UNDONE or not untouched:
        return None
    return view.refusal or Refusal("SAGA-NOT-BEGUN")
