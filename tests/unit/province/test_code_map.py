"""National codes to states and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import resources
from app.catalogue.tables import TableError
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.province.code_map import NATIONAL, CodeMaps, load, names

LISTS = ("social", "bank", "production", "person")


@pytest.fixture(scope="module")
def maps() -> CodeMaps:
    return load()


@pytest.mark.parametrize("dialect", names())
@pytest.mark.parametrize("name", LISTS)
def test_every_code_goes_there_and_back(dialect: str, name: str) -> None:
    states = getattr(load(dialect), name)
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


def test_the_provinces_that_are_known() -> None:
    assert names() == (NATIONAL, "binzhou", "jiangsu", "tecsun")


def test_letters_and_digits_that_mean_something_else() -> None:
    binzhou, national = load("binzhou"), load()
    assert {code: binzhou.social_state(code, "") for code in "0123B4A"} == {
        "0": SocialState.SEALED,
        "1": SocialState.NORMAL,
        "2": SocialState.LOST_FORMAL,
        "3": SocialState.CANCELLED,
        "B": SocialState.LOST_TEMPORARY,
        "4": SocialState.CANCELLED,
        "A": SocialState.SEALED,
    }
    assert binzhou.social.code(SocialState.CANCELLED) == "4"
    assert binzhou.register_state("3", "4") is RegisterState.SAME
    assert binzhou.register_state("3", "2") is RegisterState.DIFFERENT
    assert binzhou.register_state("x", "y") is RegisterState.DIFFERENT
    assert (binzhou.production, binzhou.person) == (national.production, national.person)


def test_a_sub_code_nobody_knows_is_not_the_state_without_it() -> None:
    jiangsu = load("jiangsu")
    assert jiangsu.social_state("2", "") is SocialState.LOST_FORMAL
    assert jiangsu.social_state("2/21", "") is SocialState.LOST_TEMPORARY
    assert jiangsu.social_state("2/22", "") is SocialState.UNKNOWN
    assert not jiangsu.social.knows("2/22")
    assert [jiangsu.production.state(str(step)) for step in range(13)] == [
        ProductionState.NONE,
        *[ProductionState.ACCEPTED] * 4,
        ProductionState.OPENING,
        ProductionState.TO_MAKE,
        ProductionState.MAKING,
        *[ProductionState.TO_COLLECT] * 4,
        ProductionState.COLLECTED,
    ]


def test_one_state_for_card_and_making_together() -> None:
    tecsun = load("tecsun")
    assert [tecsun.social_state(code, "") for code in ("01", "02", "03", "04", "08", "19")] == [
        SocialState.MAKING,
        SocialState.READY,
        SocialState.SEALED,
        SocialState.NORMAL,
        SocialState.MAKING,
        SocialState.UNKNOWN,
    ]
    assert tecsun.production.state("2c") is ProductionState.TO_MAKE


def test_a_list_that_no_province_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(resources.path("catalogue"), tmp_path / "catalogue")
    (tmp_path / "catalogue" / "code_maps" / "odd.toml").write_text('[sozial]\n1 = "normal"\n', "utf-8")
    monkeypatch.setattr(resources, "ROOT", tmp_path)
    with pytest.raises(TableError, match="sozial"):
        load("odd")
