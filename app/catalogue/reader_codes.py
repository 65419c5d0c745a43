"""Which code of ours a reader's number is told under: `resources/catalogue/reader_codes.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import TableError, read_table, string, table

_WHERE = "reader_codes.toml"


@dataclass(frozen=True)
class ReaderCodes:
    """The codes by number; None for a number that nobody listed."""

    sscard: Mapping[int, str]
    status_words: Mapping[str, str]
    """By four digits of hex, in which x stands for any."""

    def status_word(self, word: int) -> str | None:
        """Return the code of a chip's status word, the exact one before a pattern."""
        digits = f"{word:04X}"
        patterns = (digits, f"{digits[:3]}x", f"{digits[:2]}xx")
        return next((self.status_words[pattern] for pattern in patterns if pattern in self.status_words), None)

    @property
    def all(self) -> frozenset[str]:
        """Return every code of the table."""
        return frozenset({*self.sscard.values(), *self.status_words.values()})


@cache
def load() -> ReaderCodes:
    """Load the table; raises TableError naming the key."""
    rows = read_table("catalogue", _WHERE)
    sscard, words = (table(rows.get(name), f"{_WHERE}: {name}") for name in ("sscard", "status_word"))
    return ReaderCodes(
        {_number(key): string(code, f"{_WHERE}: {key}") for key, code in sscard.items()},
        {key: string(code, f"{_WHERE}: {key}") for key, code in words.items()},
    )


def _number(key: str) -> int:
    try:
        return int(key)
    except ValueError as error:
        raise TableError(f"{_WHERE}: {key} is no number") from error
