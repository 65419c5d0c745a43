"""Taking batches of operations: each item in its own savepoint, effect and stored answer in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.domain.card_service import CardService
from app.domain.clock import Clock
from app.domain.digest import payload_sm3
from app.domain.operation import SCHEMA_VER, Outcome
from app.domain.states import SocialState
from app.province.code_map import CodeMaps
from app.training.carrying_out import carry_out
from app.training.change_desk import note_change
from app.training.records import CardRecord, card_by_id, card_by_number
from app.training.rules import Asked, CheckRecord, Decision, Payload, decide, read_payload
from app.training.schema import CARD_CHECKS, CARDS, EFFECTS, OPERATIONS
from app.training.store import stamp
from app.training.wire_models import AnswerReply, BatchBody, LedgerRow, OperationBody

_LONGEST_AGE_S = 10 * 365 * 86400.0


class OperationDesk:
    """Applies operations, remembers their answers, and counts their effects."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def take(self, batch: BatchBody) -> Sequence[AnswerReply]:
        """Take a batch; an item that the database will not have is `retry` and leaves its neighbours alone."""
        answers = []
        with self._engine.begin() as connection:
            for item in batch.items:
                savepoint = connection.begin_nested()
                try:
                    answer = self._take(connection, batch, item)
                except DBAPIError:
                    savepoint.rollback()
                    answer = AnswerReply(op_id=item.op_id, outcome=Outcome.RETRY, reason="PROVINCE-BUSY")
                else:
                    savepoint.commit()
                answers.append(answer)
        return answers

    def answer_on(self, op_id: str) -> AnswerReply | None:
        """Return the stored answer, or None for an operation never seen."""
        with self._engine.begin() as connection:
            known = _stored(connection, op_id)
        return known[0] if known is not None else None

    def ledger(self) -> Sequence[LedgerRow]:
        """Return every operation with the number of its effects."""
        counted = (
            select(OPERATIONS.c.op_id, OPERATIONS.c.device_seq, func.count(EFFECTS.c.id), OPERATIONS.c.outcome)
            .outerjoin(EFFECTS, EFFECTS.c.op_id == OPERATIONS.c.op_id)
            .group_by(OPERATIONS.c.op_id)
            .order_by(OPERATIONS.c.received_at, OPERATIONS.c.device_seq)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(counted).all()
        return [LedgerRow(op_id=row[0], device_seq=row[1], applied=row[2], outcome=row[3]) for row in rows]

    def move(self, card_id: str, social: SocialState) -> bool:
        """Move a card's state behind the counter's back; False when there is no such card."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            card = card_by_id(connection, self._maps, card_id)
            if card is not None:
                self._move(connection, card, social, now)
        return card is not None

    def _take(self, connection: Connection, batch: BatchBody, item: OperationBody) -> AnswerReply:
        known = _stored(connection, item.op_id)
        if known is not None:
            answer, digest = known
            return answer if digest == item.payload_sm3 else _refused(item, Outcome.CONFLICT, "OP-DIGEST")
        if payload_sm3(item.payload) != item.payload_sm3:
            return _refused(item, Outcome.REJECTED, "OP-PAYLOAD-ALTERED")
        if _sequence_used(connection, batch, item):
            return _refused(item, Outcome.CONFLICT, "OP-SEQUENCE-USED")
        now = self._clock.now()
        decision, card = self._decide(connection, item, now)
        answer = AnswerReply(
            op_id=item.op_id,
            outcome=decision.outcome,
            reason=decision.reason,
            effect_at=now if decision.outcome is Outcome.APPLIED else None,
        )
        _store(connection, batch, item, answer, now)
        if decision.outcome is Outcome.APPLIED:
            if decision.social is not None and card is not None:
                self._move(connection, card, decision.social, now)
            if card is not None:
                carry_out(connection, self._maps, card, CardService(item.kind), item, now)
            connection.execute(
                insert(EFFECTS).values(
                    op_id=item.op_id, card=card.key if card is not None else None, kind=item.kind, at=stamp(now)
                )
            )
        return answer

    def _decide(self, connection: Connection, item: OperationBody, now: datetime) -> tuple[Decision, CardRecord | None]:
        if item.schema_ver != SCHEMA_VER:
            return Decision(Outcome.REJECTED, "OP-SCHEMA-UNKNOWN"), None
        if item.kind not in tuple(CardService):
            return Decision(Outcome.REJECTED, "OP-KIND-UNKNOWN"), None
        payload = read_payload(item.payload)
        if payload is None:
            return Decision(Outcome.REJECTED, "OP-MALFORMED"), None
        card = self._card(connection, payload)
        asked = Asked(
            CardService(item.kind),
            payload,
            _happened(item, now),
            item.base_version,
            card,
            _check(connection, payload.check_id),
        )
        return decide(asked, now), card

    def _card(self, connection: Connection, payload: Payload) -> CardRecord | None:
        if payload.card_id is not None:
            return card_by_id(connection, self._maps, payload.card_id)
        if payload.citizen_number is not None:
            return card_by_number(connection, self._maps, payload.citizen_number)
        return None

    def _move(self, connection: Connection, card: CardRecord, social: SocialState, now: datetime) -> None:
        social_code, production_code = self._codes(social, card)
        connection.execute(
            update(CARDS)
            .where(CARDS.c.id == card.key)
            .values(
                social_code=social_code,
                production_code=production_code,
                register_code=social_code,
                version=card.version + 1,
                changed_at=stamp(now),
            )
        )
        if card.has_chip:
            note_change(connection, self._maps, card.key, now)

    def _codes(self, social: SocialState, card: CardRecord) -> tuple[str, str]:
        if social is SocialState.UNKNOWN:
            return "7", card.production_code
        code = self._maps.social.code(social)
        if code is not None:
            return code, card.production_code
        step = next(step for step, meant in self._maps.social_before_issue.items() if meant is social)
        return "", self._maps.production.code(step) or ""


def _stored(connection: Connection, op_id: str) -> tuple[AnswerReply, str] | None:
    row = connection.execute(
        select(
            OPERATIONS.c.outcome,
            OPERATIONS.c.reason,
            OPERATIONS.c.message,
            OPERATIONS.c.effect_at,
            OPERATIONS.c.payload_sm3,
        ).where(OPERATIONS.c.op_id == op_id)
    ).first()
    if row is None:
        return None
    effect_at = datetime.fromisoformat(row[3]) if row[3] is not None else None
    answer = AnswerReply(op_id=op_id, outcome=Outcome(row[0]), reason=row[1], message=row[2], effect_at=effect_at)
    return answer, row[4]


def _store(
    connection: Connection, batch: BatchBody, item: OperationBody, answer: AnswerReply, received_at: datetime
) -> None:
    connection.execute(
        insert(OPERATIONS).values(
            op_id=item.op_id,
            device=batch.device,
            incarnation=batch.incarnation,
            device_seq=item.device_seq,
            kind=item.kind,
            order_key=item.order_key,
            payload=item.payload,
            payload_sm3=item.payload_sm3,
            schema_ver=item.schema_ver,
            occurred_at=stamp(item.occurred_at),
            base_version=item.base_version,
            received_at=stamp(received_at),
            outcome=answer.outcome,
            reason=answer.reason,
            message=answer.message,
            effect_at=stamp(answer.effect_at) if answer.effect_at is not None else None,
        )
    )


def _sequence_used(connection: Connection, batch: BatchBody, item: OperationBody) -> bool:
    taken = select(OPERATIONS.c.op_id).where(
        OPERATIONS.c.device == batch.device,
        OPERATIONS.c.incarnation == batch.incarnation,
        OPERATIONS.c.device_seq == item.device_seq,
    )
    return connection.execute(taken).first() is not None


def _check(connection: Connection, check_id: str | None) -> CheckRecord | None:
    if check_id is None:
        return None
    row = connection.execute(
        select(CARD_CHECKS.c.card, CARD_CHECKS.c.authenticated, CARD_CHECKS.c.at).where(
            CARD_CHECKS.c.check_id == check_id
        )
    ).first()
    return CheckRecord(row[0], row[1], datetime.fromisoformat(row[2])) if row is not None else None


def _happened(item: OperationBody, now: datetime) -> datetime:
    """Return when it happened at the earliest: a device's clock may be wrong, or have been set since."""
    by_age = now - timedelta(seconds=min(item.age_s or 0.0, _LONGEST_AGE_S))
    return min(item.occurred_at, by_age)


def _refused(item: OperationBody, outcome: Outcome, reason: str) -> AnswerReply:
    return AnswerReply(op_id=item.op_id, outcome=outcome, reason=reason)
