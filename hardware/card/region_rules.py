"""What differs by the issuing region: default algorithm, key factors, PSAM key ids and levels (region_rules.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hardware.crypto.card_cipher import FactorRule

REGION_RULES = Path(__file__).with_name("region_rules.toml")

_MOST_LEVELS = 3

Row = Mapping[str, object]


class RegionRulesError(Exception):
    """A table that contradicts itself; names the region and what is wrong."""


@dataclass(frozen=True)
class PsamRule:
    """Key ids on the PSAM by key name such as `IRK`, and the numbers of levels to try, in order."""

    keys: Mapping[str, int]
    levels: tuple[int, ...]


@dataclass(frozen=True)
class RegionRule:
    """The rules of one region; `algorithm` as FCI tag 86 writes it."""

    algorithm: str
    factors: FactorRule
    psam: PsamRule


@dataclass(frozen=True)
class RegionRules:
    """All regions; codes are two, four or six digits (GB/T 2260)."""

    default: RegionRule
    regions: Mapping[str, RegionRule]

    def of(self, region: str) -> RegionRule:
        """Return the rule of the longest code that the region begins with."""
        codes = [code for code in self.regions if region.startswith(code)]
        return self.regions[max(codes, key=len)] if codes else self.default


@cache
def load_region_rules() -> RegionRules:
    """Return the rules that come with the program, read once; raises RegionRulesError."""
    return read_region_rules(REGION_RULES)


def read_region_rules(path: Path) -> RegionRules:
    """Read the table; what a region does not say it takes from the default. Raises RegionRulesError."""
    try:
        table: Row = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegionRulesError(path.name) from error
    usual = _narrow(table.get("default"), "default")
    regions = _narrow(table.get("region", {}), "region")
    return RegionRules(
        _rule(usual, "default"),
        {code: _rule(_over(usual, _narrow(row, code)), code) for code, row in regions.items()},
    )


def _over(usual: Row, own: Row) -> Row:
    return {
        key: _over(value, _narrow(own.get(key, {}), key)) if isinstance(value, dict) else own.get(key, value)
        for key, value in {**own, **usual}.items()
    }


def _rule(row: Row, where: str) -> RegionRule:
    factors, psam = _narrow(row.get("factors"), where), _narrow(row.get("psam"), where)
    keys = _narrow(psam.get("keys"), f"{where}: keys")
    levels = psam.get("levels")
    history_from = factors.get("history_from")
    algorithm = row.get("algorithm")
    if not isinstance(algorithm, str) or len(algorithm) != 2:
        raise RegionRulesError(f"{where}: algorithm")
    if not isinstance(history_from, int) or not 0 <= history_from <= 5:
        raise RegionRulesError(f"{where}: history_from")
    if not isinstance(levels, list) or not levels or not set(levels) <= set(range(1, _MOST_LEVELS + 1)):
        raise RegionRulesError(f"{where}: levels")
    rule = FactorRule(_tail(factors, "province_tail", 6, where), _tail(factors, "city_tail", 2, where), history_from)
    return RegionRule(
        algorithm, rule, PsamRule({key: _key_id(value, where) for key, value in keys.items()}, tuple(levels))
    )


def _tail(row: Row, key: str, length: int, where: str) -> bytes:
    value = row.get(key)
    try:
        tail = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError as error:
        raise RegionRulesError(f"{where}: {key}") from error
    if len(tail) != length:
        raise RegionRulesError(f"{where}: {key}")
    return tail


def _key_id(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 0xFF:
        raise RegionRulesError(f"{where}: key id")
    return value


def _narrow(value: object, where: str) -> Row:
    if not isinstance(value, dict):
        raise RegionRulesError(f"{where} is not a table")
    return value
