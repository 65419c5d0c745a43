"""The limits of work without the province: the table `resources/catalogue/work_limits.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.tables import TableError, read_table, strings, table
from app.domain.work_limits import URGE_SHARE, WARN_SHARE, Limit, Measure


def load() -> Mapping[Measure, Limit]:
    """Read the table; raises TableError for one that lacks a measure or warns too late."""
    content = read_table("catalogue", "work_limits.toml")
    return {measure: _limit(measure, table(content.get(measure), measure)) for measure in Measure}


def _limit(measure: Measure, row: Mapping[str, object]) -> Limit:
    warn, urge, stop = (_number(row, key, measure) for key in ("warn", "urge", "stop"))
    made = Limit(measure, warn, urge, stop, frozenset(strings(row.get("blocks"), measure)))
    if made.share(warn) > WARN_SHARE or made.share(urge) > URGE_SHARE:
        raise TableError(f"work_limits.toml: {measure} is warned of too late")
    return made


def _number(row: Mapping[str, object], key: str, measure: Measure) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise TableError(f"work_limits.toml: {measure}.{key} is not a positive number")
    return float(value)
