"""What is on file for the items of one batch, read at once, and what the batch adds, written at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, insert, select, update

from app.domain.operation import Outcome
from app.domain.states import SocialState
from app.province.code_map import CodeMaps
from app.training.change_desk import next_change, tombstone_of
from app.training.records import CANCELLED, CardRecord, card_by_id, card_by_number, cards_with_persons, record_of
from app.training.rules import CheckRecord, Payload
from app.training.schema import CARD_CHECKS, CARDS, CHANGES, EFFECTS, OPERATIONS, PERSONS
from app.training.store import stamp
from app.training.wire_models import AnswerReply, BatchBody, OperationBody

# Made once: building a statement costs more than running it.
_MANY: BindParameter[object] = bindparam("many", expanding=True)
_ANSWERS = select(
    OPERATIONS.c.op_id,
    OPERATIONS.c.outcome,
    OPERATIONS.c.reason,
    OPERATIONS.c.message,
    OPERATIONS.c.effect_at,
    OPERATIONS.c.payload_sm3,
).where(OPERATIONS.c.op_id.in_(_MANY))
_SEQUENCES = select(OPERATIONS.c.device_seq).where(
    OPERATIONS.c.device == bindparam("device"),
    OPERATIONS.c.incarnation == bindparam("incarnation"),
    OPERATIONS.c.device_seq.in_(_MANY),
)
_BY_ID = cards_with_persons().where(CARDS.c.card_id.in_(_MANY))
_BY_NUMBER = cards_with_persons().where(PERSONS.c.citizen_number.in_(_MANY)).order_by(CARDS.c.id)
_CHECKS = select(CARD_CHECKS.c.check_id, CARD_CHECKS.c.card, CARD_CHECKS.c.authenticated, CARD_CHECKS.c.at).where(
    CARD_CHECKS.c.check_id.in_(_MANY)
)
_ADD_OPERATION, _ADD_EFFECT, _ADD_CHANGE = insert(OPERATIONS), insert(EFFECTS), insert(CHANGES)
_MOVE = (
    update(CARDS)
    .where(CARDS.c.id == bindparam("key"))
    .values(
        social_code=bindparam("social"),
        production_code=bindparam("production"),
        register_code=bindparam("social"),
        version=bindparam("to_version"),
        changed_at=bindparam("at"),
    )
)
Row = dict[str, object]


class BatchPage:
    """Lives in one transaction; what is added is seen by the items that follow, and by the database after `write`."""

    def __init__(
        self, connection: Connection, maps: CodeMaps, batch: BatchBody, payloads: Iterable[Payload | None]
    ) -> None:
        self._connection = connection
        self._maps = maps
        self._batch = batch
        read = [payload for payload in payloads if payload is not None]
        self._answers = answers_on(connection, [item.op_id for item in batch.items])
        self._sequences = self._used_sequences()
        self._named = self._find_cards(read)
        self._cards = {card.key: card for card in self._named.values()}
        self._checks = self._find_checks(read)
        self._operations: list[Row] = []
        self._effects: list[Row] = []
        self._moves: list[Row] = []
        self._changes: list[Row] = []

    def answer_on(self, op_id: str) -> tuple[AnswerReply, str] | None:
        """Return the stored answer with the digest of its payload."""
        return self._answers.get(op_id)

    def sequence_used(self, device_seq: int) -> bool:
        """Tell whether another operation of the device has this number."""
        return device_seq in self._sequences

    def card(self, payload: Payload) -> CardRecord | None:
        """Return the card that a payload names, as the items before have left it."""
        named = self._named.get(payload.card_id or payload.citizen_number or "")
        return None if named is None else self._cards[named.key]

    def check(self, check_id: str | None) -> CheckRecord | None:
        """Return a 卡鉴权 that was done."""
        return self._checks.get(check_id or "")

    def add(self, item: OperationBody, answer: AnswerReply, card: CardRecord | None, now: datetime) -> None:
        """Keep an operation's answer, and count its effect when it was applied."""
        self._answers[item.op_id] = (answer, item.payload_sm3)
        self._sequences.add(item.device_seq)
        self._operations.append(
            {
                **{name: getattr(item, name) for name in _AS_SENT},
                "device": self._batch.device,
                "incarnation": self._batch.incarnation,
                "occurred_at": stamp(item.occurred_at),
                "received_at": stamp(now),
                "outcome": answer.outcome.value,
                "reason": answer.reason,
                "message": answer.message,
                "effect_at": stamp(answer.effect_at) if answer.effect_at is not None else None,
            }
        )
        if answer.outcome is Outcome.APPLIED:
            key = card.key if card is not None else None
            self._effects.append({"op_id": item.op_id, "card": key, "kind": item.kind, "at": stamp(now)})

    def move(self, card: CardRecord, social: SocialState, codes: tuple[str, str], now: datetime) -> None:
        """Give a card its new state and the codes that say so: AAZ502 and aac018."""
        social_code, production_code = codes
        moved = replace(
            card,
            social=social,
            social_code=social_code,
            production_code=production_code,
            version=card.version + 1,
            changed_at=now,
        )
        self._cards[card.key] = moved
        at = stamp(now)
        self._moves.append(
            {
                "key": card.key,
                "social": social_code,
                "production": production_code,
                "to_version": moved.version,
                "at": at,
            }
        )
        if card.has_chip:
            tombstone = tombstone_of(card.person, social)
            shown = {"social_code": social_code, "production_code": production_code, "person_code": card.person_code}
            self._changes.append(
                {**shown, "card": card.key, "version": moved.version, "tombstone": tombstone, "at": at}
            )

    def write(self) -> None:
        """Bring what was added to the database, in the order of its dependence."""
        if self._changes:
            first = next_change(self._connection)
            self._changes = [{**row, "seq": seq} for seq, row in enumerate(self._changes, first)]
        for statement, rows in (
            (_ADD_OPERATION, self._operations),
            (_MOVE, self._moves),
            (_ADD_CHANGE, self._changes),
            (_ADD_EFFECT, self._effects),
        ):
            if rows:
                self._connection.execute(statement, rows)
        self._operations, self._effects, self._moves, self._changes = [], [], [], []

    def read_anew(self, payload: Payload) -> None:
        """Look a card up again that something else in this transaction has moved."""
        for name, find in ((payload.card_id, card_by_id), (payload.citizen_number, card_by_number)):
            if name is not None and (found := find(self._connection, self._maps, name)) is not None:
                self._named[name] = self._cards[found.key] = found

    def _used_sequences(self) -> set[int]:
        asked = {
            "device": self._batch.device,
            "incarnation": self._batch.incarnation,
            "many": [item.device_seq for item in self._batch.items],
        }
        return set(self._connection.execute(_SEQUENCES, asked).scalars())

    def _find_cards(self, payloads: Iterable[Payload]) -> dict[str, CardRecord]:
        found: dict[str, CardRecord] = {}
        ids = {payload.card_id for payload in payloads if payload.card_id}
        numbers = {payload.citizen_number for payload in payloads if payload.citizen_number and not payload.card_id}
        if ids:
            for row in self._connection.execute(_BY_ID, {"many": list(ids)}).mappings():
                found[row["card_id"]] = record_of(row, self._maps)
        if numbers:
            for row in self._connection.execute(_BY_NUMBER, {"many": list(numbers)}).mappings():
                # The newest that is not cancelled, else the newest.
                standing = found.get(row["citizen_number"])
                if standing is None or row["social_code"] != CANCELLED or standing.social_code == CANCELLED:
                    found[row["citizen_number"]] = record_of(row, self._maps)
        return found

    def _find_checks(self, payloads: Iterable[Payload]) -> Mapping[str, CheckRecord]:
        asked = [payload.check_id for payload in payloads if payload.check_id]
        if not asked:
            return {}
        rows = self._connection.execute(_CHECKS, {"many": asked}).all()
        return {row[0]: CheckRecord(row[1], row[2], datetime.fromisoformat(row[3])) for row in rows}


def answers_on(connection: Connection, op_ids: list[str]) -> dict[str, tuple[AnswerReply, str]]:
    """Return the stored answers of those operations that were seen, with the digests of their payloads."""
    return {
        row[0]: (
            AnswerReply(
                op_id=row[0],
                outcome=Outcome(row[1]),
                reason=row[2],
                message=row[3],
                effect_at=datetime.fromisoformat(row[4]) if row[4] is not None else None,
            ),
            row[5],
        )
        for row in connection.execute(_ANSWERS, {"many": op_ids}).all()
    }


_AS_SENT = ("op_id", "device_seq", "kind", "order_key", "payload", "payload_sm3", "schema_ver", "base_version")
