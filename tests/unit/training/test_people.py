"""Fictional people: reproducible, valid, in every state."""

from __future__ import annotations

import re
from datetime import date

import pytest

from app.domain.citizen_number import birth_date, is_valid
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.province.code_map import load as load_maps
from app.training.foreign_papers import HK, MACAU, PASSPORT, PERMANENT_RESIDENT, RESIDENT_ID, TAIWAN
from app.training.material import load as load_material
from app.training.people import SeedPerson, make_people
from app.training.situations import SITUATIONS

MATERIAL = load_material()
MAPS = load_maps()


@pytest.fixture(scope="module")
def people() -> tuple[SeedPerson, ...]:
    return tuple(make_people(20241, 2000, MATERIAL))


def test_the_same_seed_makes_the_same_people(people: tuple[SeedPerson, ...]) -> None:
    assert tuple(make_people(20241, 2000, MATERIAL)) == people
    assert tuple(make_people(20241, 50, MATERIAL)) == people[:50]
    assert tuple(make_people(7, 50, MATERIAL)) != people[:50]


def test_numbers_are_valid_unique_and_nobodys(people: tuple[SeedPerson, ...]) -> None:
    numbers = [person.citizen_number for person in people]
    assert len(set(numbers)) == len(numbers) == 2000
    for person in people:
        number = person.citizen_number
        if person.id_type != RESIDENT_ID:
            continue
        assert is_valid(number)
        assert birth_date(number) == person.birth_date
        # A city's code ends in 00; a real number begins with a county's.
        assert number[:2] in ("35", "51")
        assert number[4:6] == "00"
        assert person.sex_code == ("1" if int(number[16]) % 2 else "2")


def test_each_kind_of_paper_has_its_own_form_of_number(people: tuple[SeedPerson, ...]) -> None:
    forms = {
        RESIDENT_ID: r"(35|51)\d{15}[\dX]",
        HK: r"810000\d{11}[\dX]",
        MACAU: r"820000\d{11}[\dX]",
        TAIWAN: r"830000\d{11}[\dX]",
        PERMANENT_RESIDENT: r"9\d{16}[\dX]",
        PASSPORT: r"X0\d{7}",
    }
    assert {person.id_type for person in people} == set(forms)
    assert all(re.fullmatch(forms[person.id_type], person.citizen_number) for person in people)
    foreign = [person for person in people if person.id_type in (PERMANENT_RESIDENT, PASSPORT)]
    assert all(person.name.isascii() and person.country != "CHN" for person in foreign)
    assert any("·" in person.name and len(person.name) > 12 for person in people)


def test_minors_have_a_guardian_and_the_aged_an_agent(people: tuple[SeedPerson, ...]) -> None:
    minors = [person for person in people if person.birth_date >= date(2011, 1, 1)]
    assert len(minors) > 50
    for minor in minors:
        assert minor.stands_in is not None
        guardian = people[minor.stands_in[0]]
        assert guardian.person_code == "1"
        assert (minor.birth_date - guardian.birth_date).days > 24 * 365
        assert minor.stands_in[1] == {"11": "1", "12": "2", "21": "3", "22": "4"}[guardian.sex_code + minor.sex_code]
    assert any(person.stands_in is not None and person.stands_in[1] == "agent" for person in people)


def test_every_reason_of_a_bank_is_somebodys(people: tuple[SeedPerson, ...]) -> None:
    troubles = {person.bank_trouble for person in people} - {None}
    assert troubles == {"BANK-UNDER-AGE", "BANK-PHONE-SHARED", "BANK-NAME-MISMATCH", "BANK-RISK-HELD"}


def test_cards_are_unique_and_of_the_right_shape(people: tuple[SeedPerson, ...]) -> None:
    cards = [card for person in people for card in person.cards]
    made = [card for card in cards if card.card_id is not None]
    assert len({card.card_id for card in made}) == len({card.card_number for card in made}) == len(made)
    for card in made:
        assert card.card_id is not None
        assert card.card_number is not None
        assert len(card.card_id) == 32
        assert int(card.card_id, 16) > 0
        assert card.card_id.startswith(card.region_code)
        assert len(card.card_number) == 9
        assert card.issued is not None
        assert card.expires is not None
        assert card.expires > card.issued
    assert all(card.issued is None and card.card_number is None for card in cards if card.card_id is None)


def test_every_state_is_there(people: tuple[SeedPerson, ...]) -> None:
    cards = [card for person in people for card in person.cards]
    social = {MAPS.social_state(card.social_code, card.production_code) for card in cards}
    assert social == set(SocialState)
    assert {MAPS.bank.state(card.bank_code) for card in cards} == set(BankState)
    assert {MAPS.production.state(card.production_code) for card in cards} == set(ProductionState)
    assert {MAPS.person.state(person.person_code) for person in people} == set(PersonState)
    assert {MAPS.register_state(card.social_code, card.register_code) for card in cards} == set(RegisterState)
    assert {card.replacement_open for card in cards} == {True, False}
    assert any(len(person.cards) == 2 for person in people)
    assert any(row.state_code is None for person in people for row in person.insurances)
    assert any(ord(character) > 0xFFFF for person in people for character in person.name)


def test_each_situation_comes_once_before_any_comes_twice() -> None:
    first = tuple(make_people(1, len(SITUATIONS), MATERIAL))
    assert [person.cards[-1].social_code for person in first] == [situation.social_code for situation in SITUATIONS]


def test_accounts_carry_their_check_digit(people: tuple[SeedPerson, ...]) -> None:
    accounts = [card.bank_account for person in people for card in person.cards if card.bank_account]
    assert accounts
    for account in accounts:
        doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(account))]
        assert sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
