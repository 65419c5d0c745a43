"""Fictional holders from a seed: the same seed and count give the same people, on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.account_number import account_check_digit
from app.domain.citizen_number import check_digit
from app.training.foreign_papers import (
    HK,
    MACAU,
    PASSPORT,
    PERMANENT_RESIDENT,
    RESIDENT_ID,
    TAIWAN,
    number_of,
)
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
    id_type: str = RESIDENT_ID
    id_expires: date | None = None
    """None for ever."""
    country: str = "CHN"
    bank_trouble: str | None = None
    stands_in: tuple[int, str] | None = None
    """Who stands in for this person: the place in the order of making, and ACC044's relation or "agent"."""


_KINDS = ("110", "170", "210", "310", "410", "510")
_OF_OTHER_DEPARTMENT = frozenset({"310", "510"})
_FIRST_BIRTH = date(1935, 1, 1)
_BIRTH_DAYS = 80 * 365
_FIRST_MINOR = date(2011, 1, 1)
_MINOR_DAYS = 13 * 365
_FIRST_ADULT, _LAST_PARENT, _LAST_AGED = date(1970, 1, 1), date(1986, 1, 1), date(1945, 1, 1)
_LONG_NUMBER = 18
_PAPERS_EXPIRE = date(2031, 12, 31)
_LATIN = frozenset({PERMANENT_RESIDENT, PASSPORT})
_COUNTRIES = {PERMANENT_RESIDENT: "USA", PASSPORT: "JPN", HK: "HKG", MACAU: "MAC", TAIWAN: "TWN"}
# Guardian's sex and the child's to the relation of a guardian (business.md 1.3): 1父子 2父女 3母子 4母女.
_RELATIONS = {"11": "1", "12": "2", "21": "3", "22": "4"}
_FIRST_ISSUE = date(2012, 1, 1)
_ISSUE_DAYS = 12 * 365


def make_people(seed: int, count: int, material: Material) -> Iterator[SeedPerson]:
    """Make people one by one; the first ones go once through every situation, the others are drawn by weight."""
    draw = random.Random(seed)  # noqa: S311 - fictional people have to be reproducible, nothing secret hangs on it
    weights = [situation.weight for situation in SITUATIONS]
    taken: set[str] = set()
    adult: tuple[int, str] | None = None
    for index in range(count):
        situation = SITUATIONS[index] if index < len(SITUATIONS) else draw.choices(SITUATIONS, weights)[0]
        person = _person(draw, index, situation, material, taken, adult)
        if _FIRST_ADULT < person.birth_date < _LAST_PARENT and person.person_code == "1":
            adult = index, person.sex_code
        yield person


def _person(
    draw: random.Random,
    index: int,
    situation: Situation,
    material: Material,
    taken: set[str],
    adult: tuple[int, str] | None,
) -> SeedPerson:
    region = draw.choice(material.regions)
    first, days = (_FIRST_MINOR, _MINOR_DAYS) if situation.minor else (_FIRST_BIRTH, _BIRTH_DAYS)
    born = first + timedelta(days=draw.randrange(days))
    number = _number(draw, region, born, situation.id_type, taken)
    current = _card(draw, index, region, situation, material)
    sex = ("1" if int(number[16]) % 2 else "2") if len(number) == _LONG_NUMBER else draw.choice("12")
    return SeedPerson(
        person_ref=f"{draw.getrandbits(64):016x}",
        citizen_number=number,
        name=_name(draw, material, situation),
        sex_code=sex,
        nation_code=draw.choice(material.nations),
        birth_date=born,
        phone=f"1990000{draw.randrange(10_000):04d}",
        person_code=situation.person_code,
        note=situation.note,
        cards=(_earlier(current, index), current) if situation.earlier_card else (current,),
        insurances=tuple(_insurances(draw, region, born)),
        id_type=situation.id_type,
        id_expires=_PAPERS_EXPIRE if situation.id_type != RESIDENT_ID else None,
        country=_COUNTRIES.get(situation.id_type, "CHN"),
        bank_trouble=situation.bank_trouble,
        stands_in=_stand_in(born, sex, adult),
    )


def _stand_in(born: date, sex: str, adult: tuple[int, str] | None) -> tuple[int, str] | None:
    if adult is None:
        return None
    if born >= _FIRST_MINOR:
        return adult[0], _RELATIONS[adult[1] + sex]
    return (adult[0], "agent") if born < _LAST_AGED else None


def _number(draw: random.Random, region: str, born: date, id_type: str, taken: set[str]) -> str:
    if id_type == RESIDENT_ID:
        return _citizen_number(draw, region, born, taken)
    while (number := number_of(draw, id_type, born)) in taken:
        pass
    taken.add(number)
    return number


def _citizen_number(draw: random.Random, region: str, born: date, taken: set[str]) -> str:
    while True:
        first17 = f"{region}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
        number = first17 + check_digit(first17)
        if number not in taken:
            taken.add(number)
            return number


def _name(draw: random.Random, material: Material, situation: Situation) -> str:
    if situation.id_type in _LATIN:
        return draw.choice(material.latin_names)
    if situation.long_name:
        return "·".join(draw.sample(material.long_names, k=draw.choice((2, 3, 4))))
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
