"""What the readers of a machine are for, by their names: the table `resources/catalogue/readers.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.tables import TableError, read_table, string, table
from hardware.readers.reader_roles import ReaderRole, RolePattern


def load() -> tuple[RolePattern, ...]:
    """Read the table in its order; raises TableError for a row without a pattern or with an unknown role."""
    content = read_table("catalogue", "readers.toml")
    rows = content.get("reader")
    if not isinstance(rows, list):
        raise TableError("readers: no [[reader]]")
    return tuple(_row(table(row, f"reader {place}"), f"reader {place}") for place, row in enumerate(rows, 1))


def _row(cells: Mapping[str, object], where: str) -> RolePattern:
    pattern, role = string(cells.get("pattern"), where), string(cells.get("role"), where)
    if not pattern or role not in tuple(ReaderRole):
        raise TableError(f"{where}: {pattern!r} {role!r}")
    return RolePattern(pattern, ReaderRole(role))
