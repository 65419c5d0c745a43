"""How the chip of a virtual card is made beyond its holder: the tables `[chip]` and `[elements]` of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.virtual.card_memory import TornWrite


class ProfileError(Exception):
    """A profile that is not there or contradicts itself; names the file."""


@dataclass(frozen=True)
class ChipSettings:
    """PIN, counters, files; `pin` None on a card without one."""

    pin: str | None = field(default=None, repr=False)
    """Four to sixteen digits, fictional."""
    pin_tries: int = 3
    key_tries: int = 6
    torn_write: TornWrite = TornWrite.OLD
    bank_side: bool | None = None
    """Whether there is a bank's application; None: from 2.0 on."""
    switched_on: frozenset[str] = frozenset()
    """Files of the class 预设 that this card has, by the map's names."""
    elements: Mapping[str, Mapping[int, str]] = field(default_factory=dict, repr=False, hash=False)
    """Values by file and tag; one that begins with `hex:` is the raw value, of any length."""


def chip_settings(table: Mapping[str, object], where: str) -> ChipSettings:
    """Read both tables, either of which may be missing; raises ProfileError."""
    chip = _narrow(table.get("chip", {}), f"{where}: chip")
    unknown = set(chip) - {"pin", "pin_tries", "key_tries", "torn_write", "bank_side", "switched_on"}
    if unknown:
        raise ProfileError(f"{where}: {', '.join(sorted(unknown))}")
    pin, bank_side, switched_on = chip.get("pin"), chip.get("bank_side"), chip.get("switched_on", [])
    if pin is not None and not (isinstance(pin, str) and pin.isdecimal() and 4 <= len(pin) <= 16):
        raise ProfileError(f"{where}: pin")
    if bank_side is not None and not isinstance(bank_side, bool):
        raise ProfileError(f"{where}: bank_side")
    if not isinstance(switched_on, list):
        raise ProfileError(f"{where}: switched_on")
    try:
        torn_write = TornWrite(str(chip.get("torn_write", TornWrite.OLD)))
    except ValueError as error:
        raise ProfileError(f"{where}: torn_write") from error
    return ChipSettings(
        pin=pin,
        pin_tries=_tries(chip, "pin_tries", 3, where),
        key_tries=_tries(chip, "key_tries", 6, where),
        torn_write=torn_write,
        bank_side=bank_side,
        switched_on=frozenset(str(name) for name in switched_on),
        elements=_elements(table.get("elements", {}), where),
    )


def _tries(chip: Mapping[str, object], key: str, usual: int, where: str) -> int:
    tries = chip.get(key, usual)
    if not isinstance(tries, int) or not 1 <= tries <= 15:
        raise ProfileError(f"{where}: {key}")
    return tries


def _elements(tables: object, where: str) -> Mapping[str, Mapping[int, str]]:
    found: dict[str, Mapping[int, str]] = {}
    for name, values in _narrow(tables, f"{where}: elements").items():
        try:
            found[name] = {
                int(tag, 16): str(value) for tag, value in _narrow(values, f"{where}: elements.{name}").items()
            }
        except ValueError as error:
            raise ProfileError(f"{where}: elements.{name}") from error
    return found


def _narrow(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ProfileError(where)
    return value
