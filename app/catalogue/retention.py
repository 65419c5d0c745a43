"""How long what is kept besides the records of the business stays: the table `resources/catalogue/retention.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.tables import TableError, number, read_table, string, table


class Kept(StrEnum):
    """What is kept for a time."""

    RECEIPTS = "receipts"
    PRINT_JOBS = "print_jobs"
    LOGS = "logs"


@dataclass(frozen=True)
class RetentionRow:
    """Days that a kind stays, and the law that says so."""

    days: int
    basis: str


def load() -> Mapping[Kept, RetentionRow]:
    """Read the table; raises TableError for a kind that is missing, unknown, or without days and basis."""
    content = read_table("catalogue", "retention.toml")
    if set(content) != set(Kept):
        raise TableError(f"retention: {sorted(set(content) ^ set(Kept))}")
    return {kind: _row(table(content[kind], kind), kind) for kind in Kept}


def _row(cells: Mapping[str, object], kind: str) -> RetentionRow:
    row = RetentionRow(number(cells.get("days"), kind), string(cells.get("basis"), kind))
    if row.days < 1 or not row.basis:
        raise TableError(f"{kind} needs days and a basis")
    return row
