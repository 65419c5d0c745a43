"""Which fields are masked, and how: `resources/catalogue/masks.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import number, read_table, table
from app.domain.masks import Mask


@dataclass(frozen=True)
class Masks:
    """The masks by field."""

    entries: Mapping[str, Mask]

    def hides(self, field: str) -> bool:
        """Tell whether a field is masked by default."""
        return field in self.entries

    def hide(self, field: str, value: str) -> str:
        """Return a field's value as it may be seen; a field without a mask as it is."""
        mask = self.entries.get(field)
        return value if mask is None else mask.hide(value)


# Every masked label asks for the same table.
@cache
def load() -> Masks:
    """Load the table; raises TableError naming the field."""
    return Masks(
        {field: _mask(field, table(row, field)) for field, row in read_table("catalogue", "masks.toml").items()}
    )


def _mask(field: str, row: Mapping[str, object]) -> Mask:
    where = f"masks.toml: {field}"
    return Mask(*(number(row.get(key), where) for key in ("first", "last", "least")))
