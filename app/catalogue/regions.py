"""Names of regions: `resources/catalogue/regions.toml`, by code of administrative division (GB/T 2260)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import TableError, read_table, string

_CODE = re.compile(r"\d{4}00")


@dataclass(frozen=True)
class Regions:
    """Provinces and prefectures by their six-digit code."""

    names: Mapping[str, str]

    def name(self, code: str) -> str | None:
        """Return a region's name, or that of the smallest known one around it; None for a code that is no region."""
        if len(code) != 6:
            return None
        within = (code, f"{code[:4]}00", f"{code[:2]}0000")
        return next((self.names[each] for each in within if each in self.names), None)


# Every profile asks for the same table.
@cache
def load() -> Regions:
    """Load the table; raises TableError naming the row."""
    names = {
        code: string(name, f"regions.toml: {code}") for code, name in read_table("catalogue", "regions.toml").items()
    }
    for code in names:
        if not _CODE.fullmatch(code) or f"{code[:2]}0000" not in names:
            raise TableError(f"regions.toml: {code} is no province, nor a prefecture of one")
    return Regions(names)
