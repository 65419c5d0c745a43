"""The text block of a resident ID card: 256 bytes of UTF-16LE in four layouts, told apart by a letter (card.md 6.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LENGTH = 256
_FLAG = slice(248, 250)
_LONG_TERM = bytes.fromhex("7F951F67")
"""长期 where the last day of a card without one stands."""
_ENCODING = "utf-16-le"
_DAY = re.compile(r"(\d{4})\D?(\d\d)\D?(\d\d)\D?", re.ASCII)


class IdKind(StrEnum):
    """Which card it is; the value is its letter at 248."""

    CITIZEN = ""
    HK_MACAU_TAIWAN = "J"
    """港澳台居民居住证"""
    FOREIGNER_2017 = "I"
    FOREIGNER_2023 = "Y"


class IdField(StrEnum):
    """What a layout has a place for."""

    NAME = "name"
    ENGLISH_NAME = "english_name"
    SEX = "sex"
    NATION = "nation"
    NATIONALITY = "nationality"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    NUMBER = "number"
    AUTHORITY = "authority"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"
    PASS_NUMBER = "pass_number"  # noqa: S105 - 通行证号, the number of a travel permit
    ISSUE_COUNT = "issue_count"
    VERSION = "version"
    RELATED = "related"


@dataclass(frozen=True)
class Place:
    """Where a field stands: offset and length in bytes, and those of where it goes on."""

    field: IdField
    offset: int
    length: int
    continued: tuple[int, int] = (0, 0)


_MAINLAND = (
    Place(IdField.NAME, 0, 30),
    Place(IdField.SEX, 30, 2),
    Place(IdField.BIRTH_DATE, 36, 16),
    Place(IdField.ADDRESS, 52, 70),
    Place(IdField.NUMBER, 122, 36),
    Place(IdField.AUTHORITY, 158, 30),
    Place(IdField.VALID_FROM, 188, 16),
    Place(IdField.VALID_TO, 204, 16),
)

LAYOUTS: Mapping[IdKind, tuple[Place, ...]] = {
    IdKind.CITIZEN: (*_MAINLAND, Place(IdField.NATION, 32, 4)),
    IdKind.HK_MACAU_TAIWAN: (
        *_MAINLAND,
        Place(IdField.PASS_NUMBER, 220, 18),
        Place(IdField.ISSUE_COUNT, 238, 4),
    ),
    IdKind.FOREIGNER_2017: (
        Place(IdField.ENGLISH_NAME, 0, 120),
        Place(IdField.SEX, 120, 2),
        Place(IdField.NUMBER, 122, 30),
        Place(IdField.NATIONALITY, 152, 6),
        Place(IdField.NAME, 158, 30),
        Place(IdField.VALID_FROM, 188, 16),
        Place(IdField.VALID_TO, 204, 16),
        Place(IdField.BIRTH_DATE, 220, 16),
        Place(IdField.VERSION, 236, 4),
        Place(IdField.AUTHORITY, 240, 8),
    ),
    IdKind.FOREIGNER_2023: (
        Place(IdField.NAME, 0, 30),
        Place(IdField.SEX, 30, 2),
        Place(IdField.ISSUE_COUNT, 32, 4),
        Place(IdField.BIRTH_DATE, 36, 16),
        Place(IdField.ENGLISH_NAME, 52, 70, continued=(220, 22)),
        Place(IdField.NUMBER, 122, 36),
        Place(IdField.VALID_FROM, 188, 16),
        Place(IdField.VALID_TO, 204, 16),
        Place(IdField.NATIONALITY, 242, 6),
        Place(IdField.RELATED, 250, 6),
    ),
}


@dataclass(frozen=True)
class ResidentId:
    """What a card says of its holder; empty is not written. Personal data in clear."""

    kind: IdKind
    number: str = field(repr=False)
    name: str = field(repr=False)
    """Chinese name; a foreigner may have none."""
    english_name: str = field(default="", repr=False)
    sex: str = field(default="", repr=False)
    """GB/T 2261.1 code."""
    nation: str = field(default="", repr=False)
    """GB/T 3304 code."""
    nationality: str = field(default="", repr=False)
    """Three letters."""
    birth_date: date | None = field(default=None, repr=False)
    address: str = field(default="", repr=False)
    newest_address: str = field(default="", repr=False)
    """Where the holder moved to after the card was made; kept apart from what is printed on it."""
    authority: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    long_term: bool = False
    pass_number: str = field(default="", repr=False)
    issue_count: str = ""
    version: str = ""
    related: str = field(default="", repr=False)
    undecodable: tuple[str, ...] = ()
    """Fields whose bytes are no text, or whose text is no day."""


@dataclass(frozen=True)
class MalformedText:
    """A block that is none: its length or its letter."""

    part: str


def decode_text_block(block: bytes) -> ResidentId | MalformedText:
    """Read a text block by the layout that its letter names."""
    if len(block) != LENGTH:
        return MalformedText("length")
    letter = _text(block[_FLAG])
    if letter is None or letter not in set(IdKind):
        return MalformedText("kind")
    kind = IdKind(letter)
    texts: dict[IdField, str] = {}
    undecodable: list[str] = []
    for place in LAYOUTS[kind]:
        more, length = place.continued
        text = _text(block[place.offset : place.offset + place.length] + block[more : more + length])
        if text is None:
            undecodable.append(place.field)
        texts[place.field] = text or ""
    return resident_id(kind, texts, undecodable)


def resident_id(kind: IdKind, texts: Mapping[IdField, str], undecodable: list[str]) -> ResidentId:
    """Build a card from its fields' texts; a DLL that gives them one by one ends here too."""
    days: dict[IdField, date | None] = {}
    long_term = texts.get(IdField.VALID_TO, "").encode(_ENCODING, "replace") == _LONG_TERM
    for name in (IdField.BIRTH_DATE, IdField.VALID_FROM, IdField.VALID_TO):
        text = texts.get(name, "")
        days[name] = _day(text)
        if text and days[name] is None and not (long_term and name is IdField.VALID_TO):
            undecodable.append(name)

    def told(name: IdField) -> str:
        return texts.get(name, "")

    return ResidentId(
        kind=kind,
        number=told(IdField.NUMBER),
        name=told(IdField.NAME),
        english_name=told(IdField.ENGLISH_NAME),
        sex=told(IdField.SEX),
        nation=told(IdField.NATION),
        nationality=told(IdField.NATIONALITY),
        birth_date=days[IdField.BIRTH_DATE],
        address=told(IdField.ADDRESS),
        authority=told(IdField.AUTHORITY),
        valid_from=days[IdField.VALID_FROM],
        valid_to=days[IdField.VALID_TO],
        long_term=long_term,
        pass_number=told(IdField.PASS_NUMBER),
        issue_count=told(IdField.ISSUE_COUNT),
        version=told(IdField.VERSION),
        related=told(IdField.RELATED),
        undecodable=tuple(undecodable),
    )


def decode_address(raw: bytes) -> str | None:
    """Read the newest address, 70 bytes; None when it is no text."""
    return _text(raw)


def _text(raw: bytes) -> str | None:
    try:
        text = raw.decode(_ENCODING).rstrip(" \x00")
    except UnicodeDecodeError:
        return None
    if not text.isprintable() and any(unicodedata.category(character) == "Cc" for character in text):
        return None
    return text


def _day(text: str) -> date | None:
    """Read YYYYMMDD; DLLs also write it with points, strokes or 年月日 in between."""
    found = _DAY.fullmatch(text)
    try:
        return None if found is None else date(*map(int, found.groups()))
    except ValueError:
        return None
