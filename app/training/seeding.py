"""Filling the training province: people from the seed, and the holders of the virtual cards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, insert, select

from app.domain.states import BankState, PersonState, ProductionState, SocialState
from app.province.code_map import CodeMaps
from app.training.material import load as load_material
from app.training.people import SeedCard, SeedInsurance, SeedPerson, make_people
from app.training.schema import CARDS, INSURANCES, PERSONS, SEEDING
from app.training.seed_rows import (
    Row,
    card_row,
    insurance_row,
    paper_rows,
    person_row,
    request_rows,
    stand_in_rows,
)
from app.training.service_schema import PERSON_PAPERS, REQUEST_STEPS, REQUESTS, STAND_INS
from hardware.virtual.profiles import Holder, holder_profiles

DEFAULT_SEED = 20241
DEFAULT_HOLDERS = 20_000

# In the order in which each may name rows of those before it.
_TABLES = (PERSONS, CARDS, INSURANCES, PERSON_PAPERS, STAND_INS, REQUESTS, REQUEST_STEPS)


def seed_store(engine: Engine, maps: CodeMaps, seed: int, holders: int) -> None:
    """Fill an empty file; in one that is filled only the holders of new card profiles are added."""
    with engine.begin() as connection:
        if connection.execute(select(SEEDING.c.id)).first() is None:
            connection.execute(insert(SEEDING).values(seed=seed, holders=holders))
            _insert(connection, make_people(seed, holders, load_material()))
        present = set(connection.execute(select(CARDS.c.card_id)).scalars())
        for profile in holder_profiles():
            if profile.holder is not None and profile.holder.card_id not in present:
                _insert(connection, [_named(profile.name, profile.holder, maps)])


def _insert(connection: Connection, people: Iterable[SeedPerson]) -> None:
    first_id = _next(connection, PERSONS.c.id)
    rows: dict[Table, list[Row]] = {table: [] for table in _TABLES}
    key = _next(connection, CARDS.c.id)
    for person_id, person in enumerate(people, first_id):
        rows[PERSONS].append(person_row(person, person_id))
        for card in person.cards:
            rows[CARDS].append(card_row(card, person_id, key))
            key += 1
        rows[INSURANCES] += [insurance_row(row, person_id) for row in person.insurances]
        rows[PERSON_PAPERS] += paper_rows(person, person_id)
        rows[STAND_INS] += stand_in_rows(person, person_id, first_id)
        for request, steps in request_rows(person, person_id, key - 1):
            rows[REQUESTS].append(request)
            rows[REQUEST_STEPS] += steps
    for table, found in rows.items():
        if found:
            connection.execute(insert(table), found)


def _next(connection: Connection, column: ColumnElement[int]) -> int:
    return (connection.execute(select(func.max(column))).scalar() or 0) + 1


def _named(profile: str, holder: Holder, maps: CodeMaps) -> SeedPerson:
    side = holder.province
    social_code = maps.social.code(SocialState(side.social)) or ""
    card = SeedCard(
        card_id=holder.card_id,
        card_number=holder.card_number,
        region_code=holder.region,
        spec_version=holder.version,
        issued=holder.issued,
        expires=holder.expires,
        social_code=social_code,
        production_code=maps.production.code(ProductionState(side.production)) or "",
        bank_code=maps.bank.code(BankState(side.bank)) or "",
        bank_name=side.bank_name,
        bank_line=side.bank_line,
        bank_account=side.bank_account,
        register_code=social_code,
        replacement_open=False,
        version=1,
        profile=profile,
    )
    return SeedPerson(
        # Opaque, and the same at every start; the number it is made of is fictional.
        person_ref=hashlib.sha256(f"training {holder.citizen_number}".encode()).hexdigest()[:16],
        citizen_number=holder.citizen_number,
        name=holder.name,
        sex_code=holder.sex,
        nation_code=holder.nation,
        birth_date=holder.birth_date,
        phone=side.phone,
        person_code=maps.person.code(PersonState(side.person)) or "",
        note=None,
        cards=(card,),
        insurances=(
            SeedInsurance("110", "1", holder.region, holder.issued),
            SeedInsurance("310", None, holder.region, None),
        ),
    )
