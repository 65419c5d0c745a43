"""Profiles of virtual PSAMs: `resources/psams/*.toml`, with the keys of the training province."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import resources
from hardware.virtual.chip_settings import ProfileError
from hardware.virtual.profile_names import PSAMS, psam_names

_MOST_LEVELS = 3


@dataclass(frozen=True)
class PsamProfile:
    """One virtual PSAM."""

    name: str
    levels: int
    """How many factors its keys still need: 3 above the province, 2 of the province, 1 of the city."""
    region: str
    """Whose keys it holds where they are not above all; six digits (GB/T 2260)."""
    terminal_number: str
    """终端机编号, twelve digits."""
    serial_number: str
    """Twenty digits."""
    keys: Mapping[str, int]
    """Key ids by the name of the card's key, such as `IRK`."""


def load_psam(name: str) -> PsamProfile:
    """Load a profile by name; raises ProfileError."""
    if name not in psam_names():
        raise ProfileError(name)
    table: Mapping[str, object] = tomllib.loads(resources.path(PSAMS, f"{name}.toml").read_text("utf-8"))
    levels, keys = table.get("levels"), table.get("keys")
    if not isinstance(levels, int) or not 1 <= levels <= _MOST_LEVELS:
        raise ProfileError(f"{name}: levels")
    if not isinstance(keys, dict) or not all(isinstance(number, int) for number in keys.values()):
        raise ProfileError(f"{name}: keys")
    return PsamProfile(
        name,
        levels,
        _digits(table, "region", 6, name),
        _digits(table, "terminal_number", 12, name),
        _digits(table, "serial_number", 20, name),
        {str(key): int(number) for key, number in keys.items()},
    )


def _digits(table: Mapping[str, object], key: str, count: int, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or len(value) != count or not value.isdecimal():
        raise ProfileError(f"{where}: {key}")
    return value
