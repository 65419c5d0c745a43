"""正式挂失: the bank's loss first, then the province's; refused there, the bank's is taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial

from app.domain.operation import DeliveryState, Destination
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.saga_values import (
    Answer,
    CannotTell,
    Happened,
    NeverHappened,
    NoAnswer,
    OnItsWay,
    Refused,
    SagaView,
    StepActs,
    StepCall,
    StepState,
)
from app.journal.transaction import Transaction
from app.province.bank_port import Bank, BankAnswer, BankOutcome, LossCall, ReleaseCall

BANK_STEP, PROVINCE_STEP, RELEASE_STEP = "bank_loss", "province_loss", "bank_release"
NO_ACCOUNT = "no account"
_SURELY_NOT = frozenset({"BANK-REFUSED", "BANK-NOT-SET"})
_CARD_MOVED = "OP-STATE-MOVED"


def formal_loss_acts(bank: Bank, journal: Journal, send_soon: Callable[[], None]) -> Mapping[str, StepActs]:
    """Return what the saga does at the bank, and at the province through the outbox."""
    return {
        BANK_STEP: StepActs(partial(_lose, bank), partial(_lost, bank)),
        PROVINCE_STEP: StepActs(partial(_deliver, journal, send_soon), partial(_delivered, journal)),
        RELEASE_STEP: StepActs(partial(_release, bank), partial(_released, bank)),
    }


def account_facts(profile: Profile | None) -> Mapping[str, str]:
    """Return what the bank's steps need to know."""
    if profile is None:
        return {"account": ""}
    return {"account": profile.bank_account, "holder": profile.name, "citizen_number": profile.citizen_number}


class AccountEnd(StrEnum):
    """What became of the account behind the card."""

    NONE = "none"
    OPEN = "open"
    LOST = "lost"
    NOT_LOST = "not_lost"
    RELEASING = "releasing"
    RELEASED = "released"


def account_end(saga: SagaView) -> AccountEnd:
    """Read off a saga what became of the account."""
    row = saga.last(BANK_STEP)
    if row is None or row.state in (StepState.INTENDED, StepState.UNKNOWN):
        return AccountEnd.OPEN
    if row.evidence.get("account") == NO_ACCOUNT:
        return AccountEnd.NONE
    if row.state is StepState.COMPENSATED:
        return AccountEnd.RELEASED
    if row.state is StepState.DONE:
        return AccountEnd.LOST if saga.refusal is None else AccountEnd.RELEASING
    return AccountEnd.NOT_LOST


def _lose(bank: Bank, call: StepCall) -> Answer:
    facts = call.input
    if not facts["account"]:
        return Happened({"account": NO_ACCOUNT})
    return _did(bank.register_loss(LossCall(call.idem_key, facts["account"], facts["holder"], facts["citizen_number"])))


def _lost(bank: Bank, call: StepCall) -> Answer:
    return _found(bank.serial_status(call.idem_key)) if call.input["account"] else NeverHappened()


def _release(bank: Bank, call: StepCall) -> Answer:
    # Neither an account that is not there nor a loss that the holder registered before is ours to take back.
    if call.undone.get("account") == NO_ACCOUNT or call.undone.get("outcome") == BankOutcome.ALREADY:
        return Happened({"outcome": BankOutcome.ALREADY})
    return _did(bank.release_loss(ReleaseCall(call.idem_key, call.undone_key, call.input["account"])))


def _released(bank: Bank, call: StepCall) -> Answer:
    return _found(bank.serial_status(call.idem_key))


def _did(answer: BankAnswer | Refusal) -> Answer:
    if isinstance(answer, Refusal):
        return Refused(answer) if answer.code in _SURELY_NOT else NoAnswer(answer)
    return _meant(answer)


def _found(answer: BankAnswer | Refusal | None) -> Answer:
    if answer is None:
        return NeverHappened()
    return NoAnswer(answer) if isinstance(answer, Refusal) else _meant(answer)


def _meant(answer: BankAnswer) -> Answer:
    match answer.outcome:
        case BankOutcome.APPLIED | BankOutcome.ALREADY:
            return Happened({"outcome": answer.outcome, "serial": answer.serial, "at": answer.at.isoformat()})
        case BankOutcome.REFUSED:
            return Refused(Refusal(answer.reason or "BANK-REFUSED"))
        case BankOutcome.CONFLICT:
            return CannotTell(Refusal("BANK-SERIAL-USED"))


def _deliver(journal: Journal, send_soon: Callable[[], None], call: StepCall) -> Answer:
    """Queue the saga's operation: from here on the outbox brings it, exactly once and in the person's order."""
    journal.run(lambda tx: tx.add_delivery(call.idem_key, Destination.PROVINCE), label="deliver").result()
    send_soon()
    return OnItsWay()


def _delivered(journal: Journal, call: StepCall) -> Answer:
    def read(tx: Transaction) -> tuple[DeliveryState, str | None] | None:
        queued = tx.has_delivery(call.idem_key, Destination.PROVINCE)
        return tx.delivery_state(call.idem_key, Destination.PROVINCE) if queued else None

    found = journal.run(read).result()
    if found is None:
        return NeverHappened()
    state, reason = found
    refusal = Refusal(reason or "UNKNOWN")
    match state:
        case DeliveryState.QUEUED | DeliveryState.SENDING:
            return OnItsWay()
        case DeliveryState.APPLIED:
            return Happened()
        case DeliveryState.REJECTED:
            return Refused(refusal)
        case DeliveryState.CONFLICT:
            # One that grew too old or whose id was used before says nothing of what the holder still wants.
            return Refused(refusal) if reason == _CARD_MOVED else CannotTell(refusal)
