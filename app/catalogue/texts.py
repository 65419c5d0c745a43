"""The words people see, by dotted key: `resources/i18n/<language>/*.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import TableError, read_folder

DEFAULT_LANGUAGE = "zh_CN"


@dataclass(frozen=True)
class Texts:
    """Texts of one language; a missing key is a defect and raises KeyError."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its placeholders filled."""
        text = self.entries[key]
        return text.format(**values) if values else text


# A face and its counter ask for the same tables, and reading them is a fortieth of the start.
@cache
def load(language: str = DEFAULT_LANGUAGE) -> Texts:
    """Load every text of a language."""
    entries: dict[str, str] = {}
    _flatten(read_folder("i18n", language), "", entries)
    return Texts(language, entries)


def _flatten(node: Mapping[str, object], prefix: str, entries: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{key}.", entries)
        elif isinstance(value, str):
            entries[prefix + key] = value
        else:
            raise TableError(f"text {prefix}{key} is not a string")
