"""Taking batches of operations: each item in its own savepoint, effect and stored answer in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import DBAPIError

from app.domain.card_service import CardService
from app.domain.clock import Clock
from app.domain.digest import payload_sm3
from app.domain.operation import SCHEMA_VER, Outcome
from app.domain.states import SocialState
from app.province.code_map import CodeMaps
from app.training.batch_page import BatchPage, answers_on
from app.training.carrying_out import carry_out, does_more
from app.training.change_desk import note_change
from app.training.records import CardRecord, card_by_id
from app.training.rules import Asked, Decision, Payload, decide, read_payload
from app.training.schema import CARDS, EFFECTS, OPERATIONS
from app.training.store import stamp
from app.training.wire_models import AnswerReply, BatchBody, LedgerRow, OperationBody

_KINDS = frozenset(CardService)
_LONGEST_AGE_S = 10 * 365 * 86400.0


class OperationDesk:
    """Applies operations, remembers their answers, and counts their effects."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def take(self, batch: BatchBody) -> Sequence[AnswerReply]:
        """Take a batch; an item that the database will not have is `retry` and leaves its neighbours alone."""
        with self._engine.begin() as connection:
            answers = self._tried(connection, batch)
            if answers is None:
                answers = []
                for item in batch.items:
                    alone = self._tried(connection, batch.model_copy(update={"items": [item]}))
                    busy = AnswerReply(op_id=item.op_id, outcome=Outcome.RETRY, reason="PROVINCE-BUSY")
                    answers += [busy] if alone is None else alone
        return answers

    def answer_on(self, op_id: str) -> AnswerReply | None:
        """Return the stored answer, or None for an operation never seen."""
        with self._engine.begin() as connection:
            known = answers_on(connection, [op_id]).get(op_id)
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

    def _tried(self, connection: Connection, batch: BatchBody) -> list[AnswerReply] | None:
        savepoint = connection.begin_nested()
        try:
            answers = self._taken(connection, batch)
        except DBAPIError:
            savepoint.rollback()
            return None
        savepoint.commit()
        return answers

    def _taken(self, connection: Connection, batch: BatchBody) -> list[AnswerReply]:
        payloads = [read_payload(item.payload) for item in batch.items]
        page = BatchPage(connection, self._maps, batch, payloads)
        answers = [
            self._take(connection, page, item, payload) for item, payload in zip(batch.items, payloads, strict=True)
        ]
        page.write()
        return answers

    def _take(
        self, connection: Connection, page: BatchPage, item: OperationBody, payload: Payload | None
    ) -> AnswerReply:
        known = page.answer_on(item.op_id)
        if known is not None:
            answer, digest = known
            return answer if digest == item.payload_sm3 else _refused(item, Outcome.CONFLICT, "OP-DIGEST")
        if payload_sm3(item.payload) != item.payload_sm3:
            return _refused(item, Outcome.REJECTED, "OP-PAYLOAD-ALTERED")
        if page.sequence_used(item.device_seq):
            return _refused(item, Outcome.CONFLICT, "OP-SEQUENCE-USED")
        now = self._clock.now()
        decision, card = _decide(page, item, payload, now)
        answer = AnswerReply(
            op_id=item.op_id,
            outcome=decision.outcome,
            reason=decision.reason,
            effect_at=now if decision.outcome is Outcome.APPLIED else None,
        )
        page.add(item, answer, card, now)
        if decision.outcome is Outcome.APPLIED and card is not None and payload is not None:
            if decision.social is not None:
                page.move(card, decision.social, self._codes(decision.social, card), now)
            service = CardService(item.kind)
            if does_more(service):
                page.write()
                page.read_anew(payload)
                carry_out(connection, self._maps, page.card(payload) or card, service, item, now)
                page.read_anew(payload)
        return answer

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


def _decide(
    page: BatchPage, item: OperationBody, payload: Payload | None, now: datetime
) -> tuple[Decision, CardRecord | None]:
    if item.schema_ver != SCHEMA_VER:
        return Decision(Outcome.REJECTED, "OP-SCHEMA-UNKNOWN"), None
    if item.kind not in _KINDS:
        return Decision(Outcome.REJECTED, "OP-KIND-UNKNOWN"), None
    if payload is None:
        return Decision(Outcome.REJECTED, "OP-MALFORMED"), None
    card, check = page.card(payload), page.check(payload.check_id)
    asked = Asked(CardService(item.kind), payload, _happened(item, now), item.base_version, card, check)
    return decide(asked, now), card


def _happened(item: OperationBody, now: datetime) -> datetime:
    """Return when it happened at the earliest: a device's clock may be wrong, or have been set since."""
    by_age = now - timedelta(seconds=min(item.age_s or 0.0, _LONGEST_AGE_S))
    return min(item.occurred_at, by_age)


def _refused(item: OperationBody, outcome: Outcome, reason: str) -> AnswerReply:
    return AnswerReply(op_id=item.op_id, outcome=outcome, reason=reason)
