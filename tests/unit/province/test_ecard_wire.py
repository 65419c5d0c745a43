"""Replies about e-cards: what is unknown opens nothing, what contradicts itself is nonsense, nothing is formatted."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalogue.ecard import load
from app.domain.ecard import EcardUse
from app.domain.states import SocialState
from app.province.ecard_port import LoginAnswer, LoginState
from app.province.ecard_wire import read_authorisation, read_login, read_login_code, read_state, read_verified
from app.province.json_fields import Fields, IllTyped

AT, LATER = "2026-01-05T08:00:00+00:00", "2026-01-05T08:10:00+00:00"
NUMBER = "ab" * 16
AUTHORISATION: dict[str, Any] = {
    "number": "SQ1",
    "items": ["identity"],
    "purpose": "test",
    "given_at": AT,
    "valid_until": LATER,
}
VERIFIED: dict[str, Any] = {
    "result_id": "R1",
    "ecard_number": NUMBER,
    "use": "all",
    "name": "示例甲",
    "citizen_number": "350100190001010017",
    "card_id": None,
    "authorisation": AUTHORISATION,
    "at": AT,
}


def test_a_verified_e_card_is_read_and_never_formatted() -> None:
    found = read_verified(Fields({**VERIFIED, "more": 1}))
    assert found.use is EcardUse.ALL
    assert found.authorisation is not None
    assert found.authorisation.items == ("identity",)
    assert not [word for word in (NUMBER, "示例甲", "350100190001010017") if word in repr(found)]


@pytest.mark.parametrize(
    "changed",
    [
        {"use": "own_authorisation", "authorisation": None},
        {"ecard_number": "ab"},
        {"name": ""},
        {"authorisation": {**AUTHORISATION, "valid_until": AT}},
        {"authorisation": {**AUTHORISATION, "items": "identity"}},
        {"authorisation": []},
        {"at": "2026-01-05"},
    ],
)
def test_a_verified_e_card_that_contradicts_itself_is_nonsense(changed: dict[str, Any]) -> None:
    with pytest.raises(IllTyped):
        read_verified(Fields({**VERIFIED, **changed}))


def test_an_unknown_use_is_unknown() -> None:
    assert read_verified(Fields({**VERIFIED, "use": "some"})).use is EcardUse.UNKNOWN
    assert read_state(Fields({"ecard_number": NUMBER, "use": "x", "as_of": AT}), NUMBER).use is EcardUse.UNKNOWN


def test_the_state_of_another_e_card_is_nonsense() -> None:
    with pytest.raises(IllTyped):
        read_state(Fields({"ecard_number": NUMBER, "use": "all", "as_of": AT}), "cd" * 16)


@pytest.mark.parametrize(
    "reply",
    [
        {"state": "confirmed", "ecard": None},
        {"state": "confirmed", "ecard": {**VERIFIED, "authorisation": None}},
        {"state": "waiting", "ecard": VERIFIED},
        {"state": "some", "ecard": VERIFIED},
    ],
)
def test_a_login_confirms_exactly_with_an_authorised_e_card(reply: dict[str, Any]) -> None:
    with pytest.raises(IllTyped):
        read_login(Fields(reply))


def test_an_unknown_step_of_a_login_opens_nothing() -> None:
    assert read_login(Fields({"state": "some", "ecard": None})) == LoginAnswer(LoginState.UNKNOWN, None)


@pytest.mark.parametrize("code", ["1234567", "x" * 513, "1234567\n"])
def test_a_login_code_is_8_to_512_printable_characters(code: str) -> None:
    with pytest.raises(IllTyped):
        read_login_code(Fields({"login_id": "L", "code": code, "valid_until": LATER}))


def test_a_login_code_is_never_formatted() -> None:
    found = read_login_code(Fields({"login_id": "L", "code": "HALL12345678", "valid_until": LATER}))
    assert found.code == "HALL12345678"
    assert "HALL12345678" not in repr(found)


def test_an_authorisation_keeps_what_it_says() -> None:
    found = read_authorisation(Fields(AUTHORISATION))
    assert (found.number, found.items, found.purpose) == ("SQ1", ("identity",), "test")


@pytest.mark.parametrize(
    ("state", "use"),
    [
        (SocialState.NORMAL, EcardUse.ALL),
        (SocialState.LOST_TEMPORARY, EcardUse.OWN_AUTHORISATION),
        (SocialState.LOST_FORMAL, EcardUse.PAUSED),
        (SocialState.CANCELLED, EcardUse.STOPPED),
        (SocialState.UNKNOWN, EcardUse.PAUSED),
    ],
)
def test_an_e_card_follows_the_state_of_its_card(state: SocialState, use: EcardUse) -> None:
    assert load().use(state) is use
