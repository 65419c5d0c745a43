"""Fictional holders from a seed: the same seed and count give the same people, on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.account_number import account_check_digit
from app.domain.citizen_number import check_digit
from app.training.material import Material
from app.training.situations import SITUATIONS, Situation


@dataclass(frozen=True)
class SeedInsurance:
    """One kind of insurance; `state_code` None where the department gives no data."""

    kind_code: str
    state_code: str | None
    region_code: str
    since: date | None


@dataclass(frozen=True)
class SeedCard:
    """One card, or what is under way where `card_id` is None; codes are national."""

    card_id: str | None
    card_number: str | None
    region_code: str
    spec_version: str
    issued: date | None
    expires: date | None
    social_code: str
    production_code: str
    bank_code: str
    bank_name: str
    bank_line: str
    bank_account: str
    register_code: str
    replacement_open: bool
    version: int
    profile: str | None = None
    """The virtual card whose holder this is."""


@dataclass(frozen=True)
class SeedPerson:
    """One fictional person with cards and insurances."""

    person_ref: str
    citizen_number: str
    name: str
    sex_code: str
    nation_code: str
    birth_date: date
    phone: str
    person_code: str
    note: str | None
    cards: tuple[SeedCard, ...]
    insurances: tuple[SeedInsurance, ...]


_KINDS = ("110", "170", "210", "310", "410", "510")
_OF_OTHER_DEPARTMENT = frozenset({"310", "510"})
_FIRST_BIRTH = date(1935, 1, 1)
_BIRTH_DAYS = 80 * 365
_FIRST_ISSUE = date(2012, 1, 1)
_ISSUE_DAYS = 12 * 365


def make_people(seed: int, count: int, material: Material) -> Iterator[SeedPerson]:
    """Make people one by one; the first ones go once through every situation, the others are drawn by weight."""
    draw = random.Random(seed)  # noqa: S311 - fictional people have to be reproducible, nothing secret hangs on it
    weights = [situation.weight for situation in SITUATIONS]
    taken: set[str] = set()
    for index in range(count):
        situation = SITUATIONS[index] if index < len(SITUATIONS) else draw.choices(SITUATIONS, weights)[0]
        yield _person(draw, index, situation, material, taken)


def _person(draw: random.Random, index: int, situation: Situation, material: Material, taken: set[str]) -> SeedPerson:
    region = draw.choice(material.regions)
    born = _FIRST_BIRTH + timedelta(days=draw.randrange(_BIRTH_DAYS))
    number = _citizen_number(draw, region, born, taken)
    current = _card(draw, index, region, situation, material)
    return SeedPerson(
        person_ref=f"{draw.getrandbits(64):016x}",
        citizen_number=number,
        name=_name(draw, material),
        sex_code="1" if int(number[16]) % 2 else "2",
        nation_code=draw.choice(material.nations),
        birth_date=born,
        phone=f"1990000{draw.randrange(10_000):04d}",
        person_code=situation.person_code,
        note=situation.note,
        cards=(_earlier(current, index), current) if situation.earlier_card else (current,),
        insurances=tuple(_insurances(draw, region, born)),
    )


def _citizen_number(draw: random.Random, region: str, born: date, taken: set[str]) -> str:
    while True:
        first17 = f"{region}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
        number = first17 + check_digit(first17)
        if number not in taken:
            taken.add(number)
            return number


def _name(draw: random.Random, material: Material) -> str:
    surname = draw.choice(material.double_surnames) if draw.random() < 0.02 else draw.choice(material.surnames)
    given = "".join(draw.choices(material.given, k=draw.choice((1, 2, 2, 2))))
    return surname + given[:-1] + draw.choice(material.rare) if draw.random() < 0.02 else surname + given


def _card(draw: random.Random, index: int, region: str, situation: Situation, material: Material) -> SeedCard:
    bank = draw.choice(material.banks)
    issued = _FIRST_ISSUE + timedelta(days=draw.randrange(_ISSUE_DAYS))
    third = issued.year >= 2018
    account = f"620000{draw.randrange(10**12):012d}"
    version = draw.randrange(1, 10)
    return SeedCard(
        card_id=f"{region}D156000005{0x10000000 + index:08X}FFFFFFFF" if situation.made else None,
        card_number=f"{'F' if region.startswith('35') else 'S'}{index:08d}" if situation.made else None,
        region_code=region,
        spec_version="3.00" if third else "2.00",
        issued=issued if situation.made else None,
        expires=issued.replace(year=issued.year + 10, day=min(issued.day, 28)) if situation.made else None,
        social_code=situation.social_code,
        production_code=situation.production_code,
        bank_code=situation.bank_code,
        bank_name=bank.name,
        bank_line=bank.line,
        bank_account=account + account_check_digit(account) if situation.bank_code else "",
        register_code=situation.register_code,
        replacement_open=situation.replacement_open,
        version=version,
    )


def _earlier(current: SeedCard, index: int) -> SeedCard:
    return SeedCard(
        card_id=f"{current.region_code}D156000005{0x20000000 + index:08X}FFFFFFFF",
        card_number=f"{'E' if current.region_code.startswith('35') else 'R'}{index:08d}",
        region_code=current.region_code,
        spec_version="1.00",
        issued=_FIRST_ISSUE,
        expires=_FIRST_ISSUE.replace(year=_FIRST_ISSUE.year + 10),
        social_code="9",
        production_code="32",
        bank_code="",
        bank_name=current.bank_name,
        bank_line=current.bank_line,
        bank_account="",
        register_code="9",
        replacement_open=False,
        version=3,
    )


def _insurances(draw: random.Random, region: str, born: date) -> Iterator[SeedInsurance]:
    for kind in sorted(draw.sample(_KINDS, k=draw.randrange(1, 5))):
        state = None if kind in _OF_OTHER_DEPARTMENT and draw.random() < 0.5 else draw.choice("1112304")
        since = date(max(born.year + 16, 1998), draw.randrange(1, 13), 1)
        yield SeedInsurance(kind, state, region, since if state not in (None, "0") else None)
