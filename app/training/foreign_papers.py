"""Papers of fictional people who have no resident ID, each kind in its own form of number (AAC058)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from app.domain.citizen_number import check_digit

RESIDENT_ID, HK, MACAU, TAIWAN, PERMANENT_RESIDENT, PASSPORT = "01", "04", "05", "06", "07", "08"
"""AAC058."""

# A residence permit of HK, Macau and Taiwan people carries a number of 18 characters whose first six say whence.
_PERMIT_REGIONS = {HK: "810000", MACAU: "820000", TAIWAN: "830000"}


def number_of(draw: random.Random, id_type: str, born: date) -> str:
    """Draw a number of a kind of paper; check characters are right, and nobody was given one of these series."""
    return _FORMS[id_type](draw, id_type, born)


def _permit(draw: random.Random, id_type: str, born: date) -> str:
    first17 = f"{_PERMIT_REGIONS[id_type]}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
    return first17 + check_digit(first17)


def _permanent(draw: random.Random, _id_type: str, born: date) -> str:
    # Since 2023: 9, region of the grant, country (ISO 3166 numeric), birth date, order, check.
    first17 = f"935{draw.choice(('840', '392', '276'))}{born:%Y%m%d}{draw.randrange(1, 1000):03d}"
    return first17 + check_digit(first17)


def _passport(draw: random.Random, _id_type: str, _born: date) -> str:
    return f"X0{draw.randrange(10**7):07d}"


_FORMS: dict[str, Callable[[random.Random, str, date], str]] = {
    HK: _permit,
    MACAU: _permit,
    TAIWAN: _permit,
    PERMANENT_RESIDENT: _permanent,
    PASSPORT: _passport,
}
