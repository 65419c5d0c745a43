"""What the province calls things, and its texts as the reference wire's values: `interface.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.resources import files

from app.domain.operation import Outcome

BEIJING = timezone(timedelta(hours=8))
_TIME = "%Y%m%d%H%M%S%f"
_DAY = "%Y%m%d"

Names = Mapping[str, str]
"""Names of the reference wire to `name:kind` of the province."""


@dataclass(frozen=True)
class Meaning:
    """What an error code says; `outcome` is that of an operation."""

    reason: str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Interface:
    """The tables."""

    settle_s: float
    operations: Names
    kinds: Names
    codes: Mapping[str, Meaning]
    fields: Mapping[str, Names]
    tombstones: Names


def load() -> Interface:
    """Read the tables of this package."""
    tables = tomllib.loads(files(__package__).joinpath("interface.toml").read_text("utf-8"))
    apart = ("settle_s", "operations", "kinds", "codes", "tombstones")
    return Interface(
        settle_s=float(tables["settle_s"]),
        operations=tables["operations"],
        kinds=tables["kinds"],
        codes={code: _meaning(said) for code, said in tables["codes"].items()},
        fields={name: table for name, table in tables.items() if name not in apart},
        tombstones=tables["tombstones"],
    )


def _meaning(said: str) -> Meaning:
    outcome, _, reason = said.rpartition(" ")
    return Meaning(reason, Outcome(outcome) if outcome else None)


def value_of(text: object, kind: str, codes: Mapping[str, Meaning]) -> object:
    """Read one value of a reply; what does not fit its kind stays as it is, for the parser to name its field."""
    if not isinstance(text, str):
        return text
    if text == "" and kind:
        return None
    try:
        match kind:
            case "number":
                return int(text) if text.isascii() and text.isdigit() else text
            case "flag":
                return {"1": True, "0": False}.get(text, text)
            case "day":
                return datetime.strptime(text, _DAY).replace(tzinfo=BEIJING).date().isoformat()
            case "time":
                return read_time(text).isoformat()
            case "reason":
                return codes[text].reason if text in codes else text
    except ValueError:
        return text
    return text


def translated(row: Mapping[str, object], names: Names, codes: Mapping[str, Meaning]) -> dict[str, object]:
    """Return a row of a reply under the reference wire's names."""
    found = {}
    for name, its in names.items():
        key, _, kind = its.partition(":")
        found[name] = value_of(row.get(key), kind, codes)
    return found


def read_time(text: str) -> datetime:
    """Read yyyyMMddHHmmss with or without a fraction, in Beijing; raises ValueError."""
    return datetime.strptime(text.ljust(20, "0"), _TIME).replace(tzinfo=BEIJING)


def written_time(moment: datetime) -> str:
    """Write a time as the province does."""
    return moment.astimezone(BEIJING).strftime(_TIME)
