"""Filling the training province: people from the seed, and the holders of the virtual cards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, select

from app.domain.states import BankState, PersonState, ProductionState, SocialState
from app.province.code_map import CodeMaps
from app.training.material import load as load_material
from app.training.people import SeedCard, SeedInsurance, SeedPerson, make_people
from app.training.schema import CARDS, INSURANCES, PERSONS, SEEDING
from app.training.store import stamp
from hardware.virtual.profiles import Holder, holder_profiles

DEFAULT_SEED = 20241
DEFAULT_HOLDERS = 2000

# Seeded states are older than anything a counter will ever report.
_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


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
    first_id = (connection.execute(select(func.max(PERSONS.c.id))).scalar() or 0) + 1
    numbered = list(enumerate(people, first_id))
    if not numbered:
        return
    connection.execute(insert(PERSONS), [_person_row(person, person_id) for person_id, person in numbered])
    connection.execute(insert(CARDS), [_card_row(card, pid) for pid, person in numbered for card in person.cards])
    connection.execute(
        insert(INSURANCES), [_insurance_row(row, pid) for pid, person in numbered for row in person.insurances]
    )


def _person_row(person: SeedPerson, person_id: int) -> dict[str, object]:
    return {
        "id": person_id,
        "person_ref": person.person_ref,
        "citizen_number": person.citizen_number,
        "name": person.name,
        "sex_code": person.sex_code,
        "nation_code": person.nation_code,
        "birth_date": person.birth_date.isoformat(),
        "phone": person.phone,
        "person_code": person.person_code,
        "note": person.note,
    }


def _card_row(card: SeedCard, person_id: int) -> dict[str, object]:
    row: dict[str, object] = dict(vars(card))
    return row | {
        "person_id": person_id,
        "issued": card.issued.isoformat() if card.issued else None,
        "expires": card.expires.isoformat() if card.expires else None,
        "changed_at": stamp(_LONG_AGO),
    }


def _insurance_row(insurance: SeedInsurance, person_id: int) -> dict[str, object]:
    row: dict[str, object] = dict(vars(insurance))
    return row | {"person_id": person_id, "since": insurance.since.isoformat() if insurance.since else None}


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
