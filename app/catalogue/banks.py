"""Service lines of banks: `resources/catalogue/banks.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import TableError, read_table, string

_LINE = re.compile(r"[0-9-]{5,20}")


@dataclass(frozen=True)
class Banks:
    """Telephone lines by what stands in a bank's name."""

    lines: Mapping[str, str]

    def line(self, name: str) -> str | None:
        """Return the line of the bank that a branch's name tells, or None."""
        return next((line for part, line in self.lines.items() if part in name), None)


# Every profile asks for the same table.
@cache
def load() -> Banks:
    """Load the table; raises TableError naming the bank."""
    lines = {name: string(line, f"banks.toml: {name}") for name, line in read_table("catalogue", "banks.toml").items()}
    for name, line in lines.items():
        if not _LINE.fullmatch(line):
            raise TableError(f"banks.toml: {name} has no telephone number")
    return Banks(lines)
