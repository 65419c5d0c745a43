"""Keyed tokens by which operations are found again: pure, and nothing in clear is kept (reliability.md 3.4).

A token is the HMAC-SM3 of kind and normalised text under a key of its own, cut to 16 bytes. What is equal after
normalising has an equal token; there is no search for a part of a name or number but the last four characters.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, product

from app.domain.identity import plain_name

TOKEN_BYTES = 16
LAST = 4
MOST_READINGS = 8
"""A name of many-voiced characters is found by its likeliest readings only."""


class SearchKind(StrEnum):
    """What a typed text is compared with."""

    NUMBER = "number"
    """A citizen, card or account number, whole."""
    LAST_FOUR = "last_four"
    NAME = "name"
    INITIALS = "initials"
    """The first letters of a name's pinyin."""
    ACCEPTANCE = "acceptance"


@dataclass(frozen=True)
class Findable:
    """By what an operation is found, beside its acceptance number."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str | None], numbers: Iterable[str | None]) -> Findable:
        """Make one of what is known."""
        return cls(tuple(name for name in names if name), tuple(number for number in numbers if number))


def tokens_of(key: bytes, findable: Findable, acceptance_no: str) -> frozenset[tuple[SearchKind, bytes]]:
    """Return every token of an operation."""
    return frozenset((kind, _token(key, kind, text)) for kind, text in _texts(findable, acceptance_no) if text)


def token_for(key: bytes, kind: SearchKind, typed: str) -> bytes | None:
    """Return the token that a typed text stands for; None for what cannot be one of its kind."""
    text = _letters(typed) if kind is SearchKind.INITIALS else plain_name(typed) if kind is SearchKind.NAME else (
        _number(typed)
    )  # fmt: skip
    if not text or (kind is SearchKind.LAST_FOUR and len(text) != LAST):
        return None
    return _token(key, kind, text)


def initials(name: str) -> tuple[str, ...]:
    """Return the first letters of a name's pinyin, in its likeliest readings; characters without any are left out."""
    letters = list(_initials(name))
    # The surname, which comes first, has most readings: its own vary fastest.
    readings = islice(product(*reversed(letters)), MOST_READINGS)
    return tuple(dict.fromkeys("".join(reversed(reading)) for reading in readings)) if letters else ()


def _texts(findable: Findable, acceptance_no: str) -> Iterator[tuple[SearchKind, str]]:
    yield SearchKind.ACCEPTANCE, _number(acceptance_no)
    for number in map(_number, findable.numbers):
        yield SearchKind.NUMBER, number
        if len(number) > LAST:
            yield SearchKind.LAST_FOUR, number[-LAST:]
    for name in findable.names:
        yield SearchKind.NAME, plain_name(name)
        for letters in initials(name):
            yield SearchKind.INITIALS, letters


def _initials(name: str) -> Iterator[str]:
    """Yield for each character its letters; of a word in Latin letters, the first."""
    # Loaded by the first name that is kept: a large table.
    from app.catalogue import pinyin_initials

    table = pinyin_initials.load()
    in_word = False
    for character in unicodedata.normalize("NFKC", name).casefold():
        latin = character.isascii() and character.isalnum()
        if latin and not in_word and character.isalpha():
            yield character
        elif character in table:
            yield table[character]
        in_word = latin


def _number(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in folded if character.isalnum())


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isascii() and character.isalpha())


def _token(key: bytes, kind: SearchKind, text: str) -> bytes:
    return hmac.digest(key, f"{kind}\0{text}".encode(), "sm3")[:TOKEN_BYTES]
