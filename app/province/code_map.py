"""Codes to states and back: the national lists, and those that a province has of its own.

`resources/catalogue/codes.toml` and `code_maps/NAME.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import resources
from app.catalogue.tables import TableError, read_table, string, table
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState

S = TypeVar("S", bound=StrEnum)
_FOLDER = "code_maps"

NATIONAL = "national"
"""The lists that hold where a province has none of its own."""
UNKNOWN_KIND = "unknown"
"""What a kind or state of insurance is called that no list has."""


@dataclass(frozen=True)
class StateMap(Generic[S]):
    """One code list; several codes may mean one state."""

    name: str
    states: Mapping[str, S]
    unknown: S

    def state(self, code: str) -> S:
        """Return a code's state; `unknown` for a code that the list does not have."""
        return self.states.get(code, self.unknown)

    def knows(self, code: str) -> bool:
        """Tell whether the list has this code."""
        return code in self.states

    def code(self, state: S) -> str | None:
        """Return the code to write for a state, or None where the list has none."""
        return next((code for code, meant in self.states.items() if meant is state), None)


@dataclass(frozen=True)
class CodeMaps:
    """Every code list of one province."""

    social: StateMap[SocialState]
    social_before_issue: Mapping[ProductionState, SocialState]
    bank: StateMap[BankState]
    production: StateMap[ProductionState]
    person: StateMap[PersonState]
    insurance_kind: Mapping[str, str]
    insurance_state: Mapping[str, str]

    def social_state(self, social_code: str, production_code: str) -> SocialState:
        """Return the card's state; while no card is handed out (no AAZ502) the step of making tells."""
        if social_code:
            return self.social.state(social_code)
        production = self.production.state(production_code)
        return self.social_before_issue.get(production, SocialState.UNKNOWN)

    def register_state(self, social_code: str, register_code: str) -> RegisterState:
        """Compare the card's AAZ502 with the 持卡库's copy (ckkStatus)."""
        if not social_code or not register_code:
            return RegisterState.UNKNOWN
        same = social_code == register_code or (
            self.social.knows(social_code) and self.social.state(social_code) is self.social.states.get(register_code)
        )
        return RegisterState.SAME if same else RegisterState.DIFFERENT


def names() -> tuple[str, ...]:
    """Return the names by which `load` knows code maps, the national one first."""
    return (NATIONAL, *sorted(file.stem for file in resources.path("catalogue", _FOLDER).glob("*.toml")))


def load(name: str = NATIONAL) -> CodeMaps:
    """Load the lists of a province: its own take the place of the national ones, each list whole.

    Raises TableError for a list that is missing, names an unknown state, or has a name that no national list has.
    """
    national = read_table("catalogue", "codes.toml")
    own = {} if name == NATIONAL else read_table("catalogue", _FOLDER, f"{name}.toml")
    if strange := own.keys() - national.keys():
        raise TableError(f"{name}.toml: {', '.join(sorted(strange))}: no list of codes.toml")
    lists = {**national, **own}
    return CodeMaps(
        social=_states(lists, "social", SocialState),
        social_before_issue={
            ProductionState(step): state
            for step, state in _states(lists, "social_before_issue", SocialState).states.items()
        },
        bank=_states(lists, "bank", BankState),
        production=_states(lists, "production", ProductionState),
        person=_states(lists, "person", PersonState),
        insurance_kind=_strings(lists, "insurance_kind"),
        insurance_state=_strings(lists, "insurance_state"),
    )


def _states(lists: Mapping[str, object], name: str, kind: type[S]) -> StateMap[S]:
    try:
        states = {code: kind(state) for code, state in _strings(lists, name).items()}
    except ValueError as wrong:
        raise TableError(f"code map: {name}: {wrong}") from wrong
    return StateMap(name, states, kind("unknown"))


def _strings(lists: Mapping[str, object], name: str) -> dict[str, str]:
    return {code: string(value, f"code map: {name}.{code}") for code, value in table(lists.get(name), name).items()}
