"""The cards that were seen at this counter, as the province told them last; never over an operation that waits.

Cards are known by keyed index and persons by reference: a change of a card that nobody here has seen leaves no trace.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.downlink import CardState, ChangePage, DownlinkState, Tombstone
from app.domain.states import PersonState, SocialState
from app.journal import persons
from app.journal.book import Book, as_datetime, at
from app.journal.saga_tables import SAGA
from app.journal.tables import CHANGE_ASIDE, DELIVERY, DOWNLINK, KNOWN_CARD, PERSON


def seen(book: Book, card_id: str, citizen_number: str | None, state: CardState) -> None:
    """Note what the province told of a card that was read here; what is known of a later version stays."""
    values = {"person_ref": persons.person_ref(book, citizen_number, card_id), **_values(state)}
    statement = upsert(KNOWN_CARD).values(card_index=persons.card_index(book, card_id), **values)
    book.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[KNOWN_CARD.c.card_index], set_=values, where=KNOWN_CARD.c.version <= state.version
        )
    )


def known(book: Book, card_id: str) -> CardState | None:
    """Return what is known of a card; None for one that was never seen here."""
    index = persons.card_index(book, card_id)
    row = book.connection.execute(select(KNOWN_CARD).where(KNOWN_CARD.c.card_index == index)).first()
    return None if row is None else _state(row)


def take(book: Book, page: ChangePage) -> None:
    """Apply a page, or put aside what an operation of ours waits on, and move the cursor with it."""
    for change in page.changes:
        index = persons.card_index(book, change.card_id)
        found = book.connection.execute(_WITH_PENDING.where(KNOWN_CARD.c.card_index == index)).first()
        if found is None or found.version > change.state.version:
            continue
        if found.pending:
            book.connection.execute(
                insert(CHANGE_ASIDE).values(seq=change.seq, card_index=index, **_values(change.state))
            )
        else:
            _write(book, index, _values(change.state))
    values = {"cursor": page.last, "at": at(book)}
    statement = upsert(DOWNLINK).values(one=1, **values)
    book.connection.execute(statement.on_conflict_do_update(index_elements=[DOWNLINK.c.one], set_=values))


def apply_aside(book: Book) -> int:
    """Apply what was put aside and whose operations are settled, in the province's order; returns how many."""
    found = book.connection.execute(
        select(CHANGE_ASIDE)
        .join(KNOWN_CARD, KNOWN_CARD.c.card_index == CHANGE_ASIDE.c.card_index)
        .where(~_PENDING)
        .order_by(CHANGE_ASIDE.c.seq)
    ).all()
    for row in found:
        _write(book, row.card_index, _values(_state(row)))
        book.connection.execute(delete(CHANGE_ASIDE).where(CHANGE_ASIDE.c.seq == row.seq))
    return len(found)


def state(book: Book) -> DownlinkState:
    """Return how far the changes were read."""
    row = book.connection.execute(select(DOWNLINK)).first()
    aside = book.connection.scalar(select(func.count()).select_from(CHANGE_ASIDE)) or 0
    return DownlinkState(0, None, aside) if row is None else DownlinkState(row.cursor, as_datetime(row.at), aside)


def _pending() -> ColumnElement[bool]:
    # Whoever was known by a card only may have become another person since.
    person = (
        select(func.coalesce(PERSON.c.joined_to, PERSON.c.person_ref))
        .where(PERSON.c.person_ref == KNOWN_CARD.c.person_ref)
        .correlate(KNOWN_CARD)
        .scalar_subquery()
    )
    waits = exists().where(DELIVERY.c.answered_at.is_(None), DELIVERY.c.order_key == person)
    # A saga queues for the province only after its steps before that one.
    under_way = exists().where(SAGA.c.ended_at.is_(None), SAGA.c.order_key.in_((KNOWN_CARD.c.person_ref, person)))
    return waits | under_way


_PENDING = _pending()
_WITH_PENDING = select(KNOWN_CARD.c.version, _PENDING.label("pending"))


def _write(book: Book, index: str, values: dict[str, object]) -> None:
    newer = KNOWN_CARD.c.version <= values["version"]
    book.connection.execute(update(KNOWN_CARD).where(KNOWN_CARD.c.card_index == index, newer).values(values))


def _values(told: CardState) -> dict[str, object]:
    return {
        "social": told.social.value,
        "person": told.person.value,
        "version": told.version,
        "tombstone": None if told.tombstone is None else told.tombstone.value,
        "as_of": told.as_of.isoformat(timespec="microseconds"),
    }


def _state(row: Row[tuple[object, ...]]) -> CardState:
    as_of: datetime = as_datetime(row.as_of)
    tombstone = None if row.tombstone is None else Tombstone(row.tombstone)
    return CardState(SocialState(row.social), PersonState(row.person), row.version, tombstone, as_of)
