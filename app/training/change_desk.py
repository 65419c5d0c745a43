"""The province's own sequence of what changed on cards and persons, read page by page by every counter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, select, update

from app.domain.clock import Clock
from app.domain.downlink import Tombstone
from app.domain.states import PersonState, SocialState
from app.province.code_map import CodeMaps
from app.training.downlink_wire import ChangeReply, ChangesReply
from app.training.records import card_by_id
from app.training.schema import CARDS, CHANGES, PERSONS
from app.training.store import stamp

_LAST_CHANGE = select(func.max(CHANGES.c.seq))
_ENDED = frozenset({SocialState.CANCELLED, SocialState.VOID})


class ChangeDesk:
    """Answers for the sequence, and registers deaths, which no counter does."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def page(self, after: int, limit: int) -> ChangesReply:
        """Return the changes after a number, at most `limit`."""
        shown = (*CHANGES.c, CARDS.c.card_id)
        query = select(*shown).join(CARDS, CARDS.c.id == CHANGES.c.card).where(CHANGES.c.seq > after)
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(CHANGES.c.seq).limit(limit + 1)).mappings().all()
        found = [ChangeReply.model_validate({**row}) for row in rows[:limit]]
        return ChangesReply(changes=found, last=found[-1].seq if found else after, more=len(rows) > limit)

    def bury(self, card_id: str) -> bool:
        """Register the death of a card's holder; False when there is no such card."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            card = card_by_id(connection, self._maps, card_id)
            if card is None:
                return False
            dead = self._maps.person.code(PersonState.DEAD) or ""
            connection.execute(update(PERSONS).where(PERSONS.c.id == card.person_key).values(person_code=dead))
            mine = CARDS.c.person_id == card.person_key
            connection.execute(update(CARDS).where(mine).values(version=CARDS.c.version + 1, changed_at=stamp(now)))
            for key in connection.execute(select(CARDS.c.id).where(mine, CARDS.c.card_id.is_not(None))).scalars():
                note_change(connection, self._maps, key, now)
            return True


def note_change(connection: Connection, maps: CodeMaps, card_key: int, now: datetime) -> None:
    """Add what a card is now to the sequence, in the transaction that changed it."""
    row = (
        connection.execute(
            select(CARDS, PERSONS.c.person_code)
            .join(PERSONS, PERSONS.c.id == CARDS.c.person_id)
            .where(CARDS.c.id == card_key)
        )
        .mappings()
        .one()
    )
    person, social = (
        maps.person.state(row["person_code"]),
        maps.social_state(row["social_code"], row["production_code"]),
    )
    shown = {name: row[name] for name in ("social_code", "production_code", "person_code", "version")}
    change = {**shown, "card": card_key, "tombstone": tombstone_of(person, social), "at": stamp(now)}
    connection.execute(insert(CHANGES).values({**change, "seq": next_change(connection)}))


def next_change(connection: Connection) -> int:
    """Return the next number of the sequence.

    Within the write lock that every transaction here holds: numbers rise in the order of their commits.
    """
    return (connection.execute(_LAST_CHANGE).scalar_one() or 0) + 1


def tombstone_of(person: PersonState, social: SocialState) -> Tombstone | None:
    """Return what ended a card for good."""
    if person is PersonState.DEAD:
        return Tombstone.DEATH
    return Tombstone.CANCELLATION if social in _ENDED else None
