"""The initial letters with which characters may be read: `resources/catalogue/pinyin_initials.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from app.catalogue.tables import read_table, string


@cache
def load() -> Mapping[str, str]:
    """Return for each character the letters a to z that its readings begin with, the usual one first."""
    found: dict[str, str] = {}
    for letters, characters in read_table("catalogue", "pinyin_initials.toml").items():
        found.update(dict.fromkeys(string(characters, letters), letters))
    return found
