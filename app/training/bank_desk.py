"""The training bank: each serial takes effect once, effect and stored answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, delete, func, insert, select

from app.domain.clock import Clock
from app.domain.digest import payload_sm3
from app.domain.operation import canonical_json
from app.province.bank_port import BankOutcome
from app.training.bank_models import AccountBody, BankLedgerRow, LossBody, ReleaseBody, SerialReply
from app.training.bank_schema import BANK_EFFECTS, BANK_LOSSES, BANK_SERIALS
from app.training.schema import CARDS, PERSONS
from app.training.store import stamp

OPENING = "opening"
_BEHIND_THE_BACK = "told at the training desk"


@dataclass(frozen=True)
class _Decision:
    outcome: BankOutcome
    reason: str | None = None


class BankDesk:
    """Registers losses and takes them back."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def register_loss(self, body: LossBody) -> SerialReply:
        """Register a loss, once a serial."""
        with self._engine.begin() as connection:
            return self._take(connection, "loss", body, lambda: _decide_loss(connection, body))

    def release_loss(self, body: ReleaseBody) -> SerialReply:
        """Take a loss back, once a serial."""
        with self._engine.begin() as connection:
            return self._take(connection, "release", body, lambda: _decide_release(connection, body))

    def status(self, serial: str) -> SerialReply | None:
        """Return the stored answer, or None for a serial never seen."""
        with self._engine.begin() as connection:
            known = stored_serial(connection, serial)
        return known[0] if known is not None else None

    def ledger(self) -> Sequence[BankLedgerRow]:
        """Return every serial with the number of its effects."""
        columns = BANK_SERIALS.c.serial, BANK_SERIALS.c.kind, BANK_SERIALS.c.account, BANK_SERIALS.c.outcome
        counted = (
            select(*columns, func.count(BANK_EFFECTS.c.id))
            .outerjoin(BANK_EFFECTS, BANK_EFFECTS.c.serial == BANK_SERIALS.c.serial)
            .group_by(BANK_SERIALS.c.serial)
            .order_by(BANK_SERIALS.c.at)
        )
        with self._engine.begin() as connection:
            found = connection.execute(counted).all()
        return [
            BankLedgerRow(serial=row[0], kind=row[1], account=row[2], outcome=row[3], applied=row[4]) for row in found
        ]

    def account(self, account: str) -> AccountBody:
        """Tell whether an account is lost."""
        with self._engine.begin() as connection:
            serial = _lost_by(connection, account)
        return AccountBody(lost=serial is not None, serial=serial)

    def move(self, account: str, lost: bool) -> None:
        """Register or lift a loss behind the counter's back, as the holder does by telephone."""
        with self._engine.begin() as connection:
            connection.execute(delete(BANK_LOSSES).where(BANK_LOSSES.c.account == account))
            if lost:
                connection.execute(insert(BANK_LOSSES).values(account=account, serial=_BEHIND_THE_BACK))

    def _take(
        self, connection: Connection, kind: str, body: LossBody | ReleaseBody, decide: Callable[[], _Decision]
    ) -> SerialReply:
        contents_sm3 = contents_digest(kind, body)
        known = stored_serial(connection, body.serial)
        now = self._clock.now()
        if known is not None:
            answer, digest = known
            if digest == contents_sm3:
                return answer
            return SerialReply(serial=body.serial, outcome=BankOutcome.CONFLICT, reason="BANK-SERIAL-USED", at=now)
        decision = decide()
        connection.execute(
            insert(BANK_SERIALS).values(
                serial=body.serial,
                kind=kind,
                account=body.account,
                contents_sm3=contents_sm3,
                outcome=decision.outcome,
                reason=decision.reason,
                at=stamp(now),
            )
        )
        if decision.outcome is BankOutcome.APPLIED:
            _apply(connection, body, now)
        return SerialReply(serial=body.serial, outcome=decision.outcome, reason=decision.reason, at=now)


def _decide_loss(connection: Connection, body: LossBody) -> _Decision:
    holder = connection.execute(
        select(PERSONS.c.name, PERSONS.c.citizen_number)
        .join(CARDS, CARDS.c.person_id == PERSONS.c.id)
        .where(CARDS.c.bank_account == body.account)
    ).first()
    if holder is None:
        return _Decision(BankOutcome.REFUSED, "BANK-ACCOUNT-UNKNOWN")
    if tuple(holder) != (body.holder, body.citizen_number):
        return _Decision(BankOutcome.REFUSED, "BANK-HOLDER-DIFFERS")
    return _Decision(BankOutcome.APPLIED if _lost_by(connection, body.account) is None else BankOutcome.ALREADY)


def _decide_release(connection: Connection, body: ReleaseBody) -> _Decision:
    loss = connection.execute(
        select(BANK_SERIALS.c.outcome).where(
            BANK_SERIALS.c.serial == body.loss_serial,
            BANK_SERIALS.c.kind == "loss",
            BANK_SERIALS.c.account == body.account,
        )
    ).first()
    if loss is None or loss[0] != BankOutcome.APPLIED:
        return _Decision(BankOutcome.REFUSED, "BANK-LOSS-UNKNOWN")
    # A loss that somebody else registered since is not ours to take back.
    ours = _lost_by(connection, body.account) == body.loss_serial
    return _Decision(BankOutcome.APPLIED if ours else BankOutcome.ALREADY)


def _apply(connection: Connection, body: LossBody | ReleaseBody, now: datetime) -> None:
    if isinstance(body, LossBody):
        connection.execute(insert(BANK_LOSSES).values(account=body.account, serial=body.serial))
    else:
        connection.execute(delete(BANK_LOSSES).where(BANK_LOSSES.c.account == body.account))
    connection.execute(insert(BANK_EFFECTS).values(serial=body.serial, at=stamp(now)))


def _lost_by(connection: Connection, account: str) -> str | None:
    found: str | None = connection.execute(
        select(BANK_LOSSES.c.serial).where(BANK_LOSSES.c.account == account)
    ).scalar_one_or_none()
    return found


def stored_serial(connection: Connection, serial: str) -> tuple[SerialReply, str] | None:
    """Return what a serial was answered, and the digest of what it stood for; None for one never seen."""
    row = connection.execute(select(BANK_SERIALS).where(BANK_SERIALS.c.serial == serial)).first()
    if row is None:
        return None
    reply = SerialReply(
        serial=serial,
        outcome=row.outcome,
        reason=row.reason,
        at=datetime.fromisoformat(row.at),
        account=row.account or None if row.kind == OPENING else None,
    )
    return reply, row.contents_sm3


def contents_digest(kind: str, body: BaseModel) -> str:
    """Return what a serial stands for."""
    return payload_sm3(canonical_json({"kind": kind, **body.model_dump(mode="json")}))
