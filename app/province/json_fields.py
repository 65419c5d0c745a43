"""Typed reading of one JSON object that came from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

_LARGEST = 2**63 - 1
# Other years cannot be shown in every zone, and nobody at a window was born or issued a card in them.
_YEARS = range(1900, 2200)
_HEX_DIGITS = frozenset("0123456789abcdef")
_UNFIT = re.compile("[\x00-\x1f\ud800-\udfff]")


class IllTyped(Exception):
    """A field is missing or not of its type; names the field, never its value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Fields:
    """One JSON object; fields that nobody asks for are ignored. Every reader raises IllTyped."""

    values: Mapping[str, object]

    @classmethod
    def of(cls, value: object) -> Fields:
        """Take a decoded JSON value that has to be an object."""
        if not isinstance(value, dict):
            raise IllTyped("JSON")
        return cls(value)

    def text(self, field: str) -> str:
        """Return a text without control characters and lone surrogates; both would break what stores or shows it."""
        value = self.values.get(field)
        if not isinstance(value, str) or _UNFIT.search(value):
            raise IllTyped(field)
        return value

    def filled_text(self, field: str) -> str:
        """Return a text that is not empty."""
        text = self.text(field)
        if not text:
            raise IllTyped(field)
        return text

    def optional_text(self, field: str) -> str | None:
        """Return a text, or None when it is absent or null."""
        return None if self.values.get(field) is None else self.text(field)

    def hexes(self, field: str, size: int | None = None) -> str:
        """Return lower-case hex of `size` bytes, or of any number of them but none."""
        text = self.text(field)
        if not text or len(text) % 2 or size not in (None, len(text) // 2) or set(text) - _HEX_DIGITS:
            raise IllTyped(field)
        return text

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(Fields({field: item}).text(field) for item in self._list(field))

    def objects(self, field: str) -> tuple[Fields, ...]:
        """Return a list of objects."""
        items = self._list(field)
        if not all(isinstance(item, dict) for item in items):
            raise IllTyped(field)
        return tuple(Fields.of(item) for item in items)

    def flag(self, field: str) -> bool:
        """Return true or false."""
        value = self.values.get(field)
        if not isinstance(value, bool):
            raise IllTyped(field)
        return value

    def count(self, field: str) -> int:
        """Return a whole number from 0 to 2^63 - 1."""
        value = self.values.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            raise IllTyped(field)
        return value

    def moment(self, field: str) -> datetime:
        """Return a time in RFC 3339 with a zone, of the years 1900 to 2199."""
        try:
            moment = datetime.fromisoformat(self.text(field))
        except ValueError as wrong:
            raise IllTyped(field) from wrong
        if moment.tzinfo is None or moment.year not in _YEARS:
            raise IllTyped(field)
        return moment

    def optional_moment(self, field: str) -> datetime | None:
        """Return a time, or None when it is absent or null."""
        return None if self.values.get(field) is None else self.moment(field)

    def optional_day(self, field: str) -> date | None:
        """Return an ISO date of the years 1900 to 2199, or None when it is absent or null."""
        text = self.optional_text(field)
        if text is None:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError as wrong:
            raise IllTyped(field) from wrong
        if day.year not in _YEARS:
            raise IllTyped(field)
        return day

    def _list(self, field: str) -> list[object]:
        value = self.values.get(field)
        if not isinstance(value, list):
            raise IllTyped(field)
        return value
