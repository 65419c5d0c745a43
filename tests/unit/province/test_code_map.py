"""National codes to states and back."""

from __future__ import annotations

from pathlib import Path

import pytest

import resources
from app.catalogue.tables import TableError
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.province.code_map import CodeMaps, load


@pytest.fixture(scope="module")
def maps() -> CodeMaps:
    return load()


@pytest.mark.parametrize("name", ["social", "bank", "production", "person"])
def test_every_code_goes_there_and_back(maps: CodeMaps, name: str) -> None:
    states = getattr(maps, name)
    assert states.states
    for code, state in states.states.items():
        assert states.knows(code)
        assert states.state(code) is state
        written = states.code(state)
        assert written is not None
        assert states.state(written) is state


@pytest.mark.parametrize(
    ("name", "without_code"),
    [
        ("social", {SocialState.NONE, SocialState.APPLIED, SocialState.MAKING, SocialState.READY, SocialState.UNKNOWN}),
        ("bank", {BankState.UNKNOWN}),
        ("production", {ProductionState.UNKNOWN}),
        ("person", set()),
    ],
)
def test_every_state_has_a_code_but_those_that_cannot(maps: CodeMaps, name: str, without_code: set[str]) -> None:
    states = getattr(maps, name)
    assert {state for state in type(states.unknown) if states.code(state) is None} == without_code


def test_the_list_of_the_card_state_is_the_national_one(maps: CodeMaps) -> None:
    assert {code: maps.social_state(code, "32") for code in "0123469"} == {
        "0": SocialState.SEALED,
        "1": SocialState.NORMAL,
        "2": SocialState.LOST_FORMAL,
        "3": SocialState.LOCKED,
        "4": SocialState.LOST_TEMPORARY,
        "6": SocialState.VOID,
        "9": SocialState.CANCELLED,
    }


def test_without_a_code_the_step_of_making_tells(maps: CodeMaps) -> None:
    assert [maps.social_state("", code) for code in ("", "11", "80", "24", "85", "45")] == [
        SocialState.NONE,
        SocialState.APPLIED,
        SocialState.APPLIED,
        SocialState.MAKING,
        SocialState.MAKING,
        SocialState.READY,
    ]
    assert maps.social_state("", "32") is SocialState.UNKNOWN
    assert maps.social_state("", "nonsense") is SocialState.UNKNOWN


def test_unknown_codes_are_unknown(maps: CodeMaps) -> None:
    assert maps.social_state("8", "32") is SocialState.UNKNOWN
    assert maps.bank.state("x") is BankState.UNKNOWN
    assert not maps.person.knows("x")
    assert maps.person.state("x") is PersonState.UNKNOWN


def test_the_register_agrees_differs_or_is_not_known(maps: CodeMaps) -> None:
    assert maps.register_state("1", "1") is RegisterState.SAME
    assert maps.register_state("1", "0") is RegisterState.DIFFERENT
    assert maps.register_state("1", "") is RegisterState.UNKNOWN
    assert maps.register_state("", "1") is RegisterState.UNKNOWN


def test_a_list_with_a_state_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalogue").mkdir()
    text = resources.path("catalogue", "codes.toml").read_text("utf-8").replace('"sealed"', '"wax"')
    (tmp_path / "catalogue" / "codes.toml").write_text(text, "utf-8")
    monkeypatch.setattr(resources, "ROOT", tmp_path)
    with pytest.raises(TableError, match="social"):
        load()
