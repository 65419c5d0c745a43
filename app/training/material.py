"""What fictional people are made of: `resources/training/people.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.tables import read_table, rows, string, strings, table


@dataclass(frozen=True)
class Bank:
    """A bank with its telephone line."""

    name: str
    line: str


@dataclass(frozen=True)
class Material:
    """Everything that is drawn from."""

    surnames: tuple[str, ...]
    double_surnames: tuple[str, ...]
    given: tuple[str, ...]
    rare: tuple[str, ...]
    long_names: tuple[str, ...]
    """Parts of names that are joined by a dot."""
    latin_names: tuple[str, ...]
    nations: tuple[str, ...]
    regions: tuple[str, ...]
    """City codes of Fujian and Sichuan (GB/T 2260)."""
    banks: tuple[Bank, ...]


def load() -> Material:
    """Load the table; raises TableError."""
    where = "people.toml"
    found = read_table("training", where)
    return Material(
        surnames=tuple(string(found.get("surnames"), where)),
        double_surnames=strings(found.get("double_surnames"), where),
        given=tuple(string(found.get("given"), where)),
        rare=strings(found.get("rare"), where),
        long_names=strings(found.get("long_names"), where),
        latin_names=strings(found.get("latin_names"), where),
        nations=strings(found.get("nations"), where),
        regions=tuple(table(found.get("regions"), where)),
        banks=tuple(
            Bank(string(row.get("name"), where), string(row.get("line"), where))
            for row in rows(found.get("banks"), where)
        ),
    )
