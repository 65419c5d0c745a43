"""Profiles of virtual cards: `resources/cards/*.toml`, fictional people who are known to the training province too."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import resources
from hardware.card.elements import SSSE_NAME
from hardware.virtual.chip_settings import ChipSettings, ProfileError, chip_settings
from hardware.virtual.profile_names import FOLDER, profile_names

__all__ = ["CardProfile", "CardTrait", "Holder", "ProfileError", "ProvinceSide", "holder_profiles", "load_profile"]

BANK_NAME = b"1PAY.SYS.DDF01"


class CardTrait(StrEnum):
    """What is peculiar about a card."""

    BAD_TLV = "bad_tlv"
    """The card number's record says a wrong length."""
    BAD_GBK = "bad_gbk"
    """The name is no GBK."""
    MUTE_EF06 = "mute_ef06"
    """The card stops answering at EF06."""
    WRONG_KEYS = "wrong_keys"
    """The card holds none of the province's keys."""
    STRAIGHT = "straight"
    """The card answers at once instead of 61xx, and Le 00 without 6Cxx."""


@dataclass(frozen=True)
class ProvinceSide:
    """What the training province knows of the card and its holder beyond the chip."""

    social: str
    bank: str
    production: str
    person: str
    phone: str
    bank_name: str
    bank_line: str
    bank_account: str


@dataclass(frozen=True)
class Holder:
    """What stands on the chip; all fictional."""

    version: str
    algorithm: str
    region: str
    card_id: str
    card_number: str
    issued: date
    expires: date
    name: str
    citizen_number: str
    sex: str
    nation: str
    birthplace: str
    birth_date: date
    province: ProvinceSide


@dataclass(frozen=True)
class CardProfile:
    """One virtual card; `holder` None on a card without the social security application."""

    name: str
    application: bytes
    """The application's name, as SELECT gives it."""
    holder: Holder | None
    traits: frozenset[CardTrait] = frozenset()
    chip: ChipSettings = field(default_factory=ChipSettings)


def load_profile(name_or_path: str) -> CardProfile:
    """Load a profile by name or from a file; raises ProfileError."""
    path = resources.path(FOLDER, f"{name_or_path}.toml") if name_or_path in profile_names() else Path(name_or_path)
    try:
        table: Mapping[str, object] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(name_or_path) from error
    where = path.stem
    try:
        traits = frozenset(CardTrait(trait) for trait in _list(table.get("faults", []), where))
    except ValueError as error:
        raise ProfileError(f"{where}: {error}") from error
    if table.get("application") == "bank":
        return CardProfile(where, BANK_NAME, None, traits, chip_settings(table, where))
    return CardProfile(where, SSSE_NAME, _holder(table, where), traits, chip_settings(table, where))


def holder_profiles() -> tuple[CardProfile, ...]:
    """Load every profile that the training province knows as a holder."""
    found = (load_profile(name) for name in profile_names())
    return tuple(profile for profile in found if profile.holder is not None)


def _holder(table: Mapping[str, object], where: str) -> Holder:
    province = table.get("province")
    if not isinstance(province, dict):
        raise ProfileError(f"{where}: province")
    return Holder(
        version=_text(table, "version", where),
        algorithm=_text(table, "algorithm", where),
        region=_text(table, "region", where),
        card_id=_text(table, "card_id", where),
        card_number=_text(table, "card_number", where),
        issued=_date(table, "issued", where),
        expires=_date(table, "expires", where),
        name=_text(table, "name", where),
        citizen_number=_text(table, "citizen_number", where),
        sex=_text(table, "sex", where),
        nation=_text(table, "nation", where),
        birthplace=_text(table, "birthplace", where),
        birth_date=_date(table, "birth_date", where),
        province=ProvinceSide(
            **{key: _text(province, key, where) for key in ProvinceSide.__dataclass_fields__},
        ),
    )


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise ProfileError(f"{where}: {key}")
    return value


def _date(table: Mapping[str, object], key: str, where: str) -> date:
    value = table.get(key)
    if not isinstance(value, date):
        raise ProfileError(f"{where}: {key}")
    return value


def _list(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f"{where}: faults")
    return value
