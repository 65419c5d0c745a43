"""Finding people and cards, and the rows as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, RowMapping, Select, case, select

from app.domain.states import PersonState, SocialState
from app.province.code_map import CodeMaps
from app.training.foreign_papers import RESIDENT_ID
from app.training.schema import CARDS, INSURANCES, PERSONS
from app.training.service_schema import PERSON_PAPERS
from app.training.wire_models import InsuranceReply, ProfileReply

CANCELLED = "9"
"""AAZ502."""


@dataclass(frozen=True)
class CardRecord:
    """A card and its person, as far as rules look at them."""

    key: int
    person_key: int
    citizen_number: str
    social_code: str
    production_code: str
    social: SocialState
    person: PersonState
    person_code: str
    version: int
    changed_at: datetime
    replacement_open: bool
    has_chip: bool
    """False for what is under way of a person without any card."""


def card_by_id(connection: Connection, maps: CodeMaps, card_id: str) -> CardRecord | None:
    """Find a card by its 识别码."""
    return _record(connection, maps, cards_with_persons().where(CARDS.c.card_id == card_id))


def card_by_number(connection: Connection, maps: CodeMaps, citizen_number: str) -> CardRecord | None:
    """Find a person's card: the newest that is not cancelled, else the newest."""
    live_first = case((CARDS.c.social_code == CANCELLED, 1), else_=0)
    found = (
        cards_with_persons()
        .where(PERSONS.c.citizen_number == citizen_number)
        .order_by(live_first, CARDS.c.id.desc())
        .limit(1)
    )
    return _record(connection, maps, found)


def profile_of(connection: Connection, card: CardRecord, as_of: datetime) -> ProfileReply:
    """Put a profile together."""
    row = (
        connection.execute(
            select(PERSONS, CARDS).join(CARDS, CARDS.c.person_id == PERSONS.c.id).where(CARDS.c.id == card.key)
        )
        .mappings()
        .one()
    )
    insurances = connection.execute(
        select(INSURANCES).where(INSURANCES.c.person_id == card.person_key).order_by(INSURANCES.c.kind_code)
    ).mappings()
    mine = PERSON_PAPERS.c.person_id == card.person_key
    id_type = connection.execute(select(PERSON_PAPERS.c.id_type).where(mine)).scalar()
    return ProfileReply.model_validate(
        {
            **{name: row[name] for name in ProfileReply.model_fields if name in row},
            "insurances": [
                InsuranceReply.model_validate({name: kind[name] for name in InsuranceReply.model_fields})
                for kind in insurances
            ],
            "notes": [row["note"]] if row["note"] else [],
            "as_of": as_of,
            "id_type_code": id_type or RESIDENT_ID,
        }
    )


def cards_with_persons() -> Select[tuple[object, ...]]:
    """Return the query of every card with what rules want of its person."""
    return select(CARDS, PERSONS.c.citizen_number, PERSONS.c.person_code).join(
        PERSONS, CARDS.c.person_id == PERSONS.c.id
    )


def _record(connection: Connection, maps: CodeMaps, query: Select[tuple[object, ...]]) -> CardRecord | None:
    row: Row[tuple[object, ...]] | None = connection.execute(query).first()
    if row is None:
        return None
    return record_of(row._mapping, maps)  # noqa: SLF001 - SQLAlchemy's documented way to a row by name


def record_of(found: RowMapping, maps: CodeMaps) -> CardRecord:
    """Return a row of `cards_with_persons` as a record."""
    return CardRecord(
        key=found["id"],
        person_key=found["person_id"],
        citizen_number=found["citizen_number"],
        social_code=found["social_code"],
        production_code=found["production_code"],
        social=maps.social_state(found["social_code"], found["production_code"]),
        person=maps.person.state(found["person_code"]),
        person_code=found["person_code"],
        version=found["version"],
        changed_at=datetime.fromisoformat(found["changed_at"]),
        replacement_open=found["replacement_open"],
        has_chip=found["card_id"] is not None,
    )
