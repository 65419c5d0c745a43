"""The test persons of a province: fictional people that it put on file for checks, named in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.domain.states import SocialState

DEVICE = "CHECK-01"
_HSM = ("region", "history", "algorithm")


class PersonsWrong(ValueError):
    """The file cannot be used; names the line's key, never a value."""


class Role(StrEnum):
    """What a test person is there for."""

    NORMAL = "normal"
    """A normal card; with `--write` its loss is registered and released again."""
    LOST = "lost"
    """A card under temporary loss."""
    RARE = "rare"
    """A name with a character that GBK does not have."""
    MAKING = "making"
    """A card whose replacement is under way."""
    ENDED = "ended"
    """A card that was cancelled, or whose holder is dead, and that the downlink told."""


@dataclass(frozen=True)
class TestPerson:
    """One of them; `social` is the state that the province put the card into."""

    __test__ = False

    role: Role
    card_id: str = field(repr=False)
    citizen_number: str = field(repr=False)
    name: str = field(repr=False)
    social: SocialState


@dataclass(frozen=True)
class HsmCard:
    """What the HSM is asked about: region, historical bytes and algorithm of a test card."""

    region: str
    history: str
    algorithm: str


@dataclass(frozen=True)
class TestPersons:
    """The file."""

    __test__ = False

    device: str = DEVICE
    """The name that operations and anchors are sent under."""
    persons: tuple[TestPerson, ...] = ()
    hsm: HsmCard | None = None

    def of(self, role: Role) -> TestPerson | None:
        """Return the first of a role."""
        return next((person for person in self.persons if person.role is role), None)


def read_persons(file: Path) -> TestPersons:
    """Read a file of test persons; raises PersonsWrong for one that cannot be read or lacks something."""
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PersonsWrong(file.name) from error
    rows = told.get("person", [])
    hsm = told.get("hsm")
    if not isinstance(rows, list) or not (hsm is None or isinstance(hsm, dict)):
        raise PersonsWrong("person")
    return TestPersons(
        device=_text(told, "device") if "device" in told else DEVICE,
        persons=tuple(_person(row, number) for number, row in enumerate(rows, 1)),
        hsm=None if hsm is None else HsmCard(*(_text(hsm, key) for key in _HSM)),
    )


def _person(row: object, number: int) -> TestPerson:
    if not isinstance(row, dict):
        raise PersonsWrong(f"person {number}")
    where = f"person {number}: "
    try:
        role, social = Role(_text(row, "role", where)), SocialState(_text(row, "social", where))
    except ValueError as wrong:
        raise wrong if isinstance(wrong, PersonsWrong) else PersonsWrong(f"{where}role, social") from wrong
    card_id, citizen_number, name = (_text(row, key, where) for key in ("card_id", "citizen_number", "name"))
    return TestPerson(role, card_id, citizen_number, name, social)


def _text(row: Mapping[str, object], key: str, where: str = "") -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PersonsWrong(f"{where}{key}")
    return value
