"""How makers' drivers differ from the national interface: `resources/catalogue/reader_drivers.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.catalogue.tables import TableError, number, read_table, string, strings, table
from hardware.readers.sscard.card_driver import DriverFacts
from hardware.readers.sscard.functions import Interface
from hardware.readers.sscard.wire import Convention

NATIONAL = "national"
_FILE = "reader_drivers.toml"
_KEYS = frozenset(
    {
        *("wait_s", "keypad_s", "convention", "interface", "positive_is_good", "needs_hsm", "extras", "base_input"),
        "library",
    }
)


@dataclass(frozen=True)
class ReaderDriver:
    """One line of the table."""

    facts: DriverFacts
    convention: Convention
    interface: Interface
    """Where it looks for the card."""
    library: Path | None = None
    """Where the maker's installer puts it; None where that differs from hall to hall."""


@cache
def load() -> Mapping[str, ReaderDriver]:
    """Load the table, the national interface's line under each other one; raises TableError naming the driver."""
    rows = {name: table(row, f"{_FILE}: {name}") for name, row in read_table("catalogue", _FILE).items()}
    national = rows[NATIONAL]
    return {name: _driver({**national, **row}, f"{_FILE}: {name}") for name, row in rows.items()}


def _driver(row: Mapping[str, object], where: str) -> ReaderDriver:
    if unknown := row.keys() - _KEYS:
        raise TableError(f"{where}: {', '.join(sorted(unknown))} is not known")
    convention = string(row.get("convention"), where)
    if convention not in set(Convention):
        raise TableError(f"{where}: {convention} is no calling convention")
    interface = number(row.get("interface"), where)
    if interface not in set(Interface):
        raise TableError(f"{where}: {interface} is no interface")
    needs_hsm = row.get("needs_hsm")
    if not isinstance(needs_hsm, list):
        raise TableError(f"{where}: needs_hsm is no list")
    facts = DriverFacts(
        wait_s=number(row.get("wait_s"), where),
        keypad_s=number(row.get("keypad_s"), where),
        positive_is_good=row.get("positive_is_good") is True,
        base_input=string(row["base_input"], where) if "base_input" in row else None,
        needs_hsm=frozenset(number(each, where) for each in needs_hsm),
        extras=strings(row.get("extras"), where),
    )
    library = Path(string(row["library"], where)) if "library" in row else None
    return ReaderDriver(facts, Convention(convention), Interface(interface), library)
