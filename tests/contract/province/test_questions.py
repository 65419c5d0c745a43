"""What is asked of the real server: clock, HSM, 卡鉴权, profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.province.port import CardCheck, CardCheckRequest, HsmAnswer, HsmRequest, ProfileQuery
from app.province.wires import ProvinceClient
from hardware.crypto.card_cipher import CardAlgorithm, auth_data
from hardware.virtual.training_keys import KeyRole, training_card_key
from tests.contract.province.conftest import BOTH_WIRES, DEVICE, Desk

pytestmark = BOTH_WIRES

HISTORY = "00814E43238697350100000A20"
FIRST, SECOND = "0102030405060708", "1112131415161718"


def test_the_clock_is_aware_and_near(client: ProvinceClient) -> None:
    told = client.clock()
    assert isinstance(told, datetime)
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("external", [("", ""), (SECOND, FIRST)])
def test_the_hsm_computes_what_a_training_card_would(client: ProvinceClient, external: tuple[str, str]) -> None:
    answer = client.hsm_step(HsmRequest("350100", HISTORY, "03", "0" * 32, FIRST, SECOND, *external))
    assert isinstance(answer, HsmAnswer)
    key = training_card_key(KeyRole.INTERNAL, CardAlgorithm.SM4, "350100", bytes.fromhex(HISTORY))
    proof = auth_data(CardAlgorithm.SM4, key, bytes.fromhex(FIRST), bytes.fromhex(SECOND))
    assert answer.internal == proof.hex().upper() + SECOND
    assert len(answer.external) == (32 if external[0] else 0)


def test_the_hsm_refuses_an_algorithm_that_nobody_published(client: ProvinceClient) -> None:
    refusal = client.hsm_step(HsmRequest("350100", HISTORY, "02", "0" * 32, FIRST, SECOND, "", ""))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, dict(refusal.facts)["reason"]) == ("PROVINCE-REFUSED", "HSM-CANNOT-ANSWER")


def check(client: ProvinceClient, card_id: str, authenticated: bool = True) -> CardCheck:
    answer = client.check_card(CardCheckRequest(card_id, None, authenticated, DEVICE))
    assert isinstance(answer, CardCheck)
    return answer


@pytest.mark.parametrize(
    ("social", "reason"),
    [
        ("normal", None),
        ("sealed", "CARD-SEALED"),
        ("lost_temporary", "CARD-LOSS-REGISTERED"),
        ("lost_formal", "CARD-LOST-FORMAL"),
        ("locked", "CARD-LOCKED"),
        ("cancelled", "CARD-CANCELLED"),
        ("void", "CARD-CANCELLED"),
        ("ready", "CARD-NOT-ISSUED"),
        ("unknown", "CARD-STATE-UNKNOWN"),
    ],
)
def test_card_check_goes_by_the_state(client: ProvinceClient, desk: Desk, social: str, reason: str | None) -> None:
    row = next(row for row in desk.get(f"/training/holders?social={social}&limit=5000") if row["person"] == "normal")
    answer = check(client, row["card_id"])
    assert (answer.usable, answer.reason) == (reason is None, reason)
    assert (answer.social, answer.version) == (desk.seen(SocialState(social)), row["version"])
    assert answer.check_id


def test_a_card_that_did_not_prove_itself_is_not_usable(client: ProvinceClient, desk: Desk) -> None:
    answer = check(client, desk.card("normal")["card_id"], authenticated=False)
    assert (answer.usable, answer.reason) == (False, "CARD-NOT-AUTHENTICATED")


def test_a_dead_holders_card_is_not_usable(client: ProvinceClient, desk: Desk) -> None:
    rows = desk.get("/training/holders?social=normal&limit=5000")
    dead = next(row for row in rows if row["person"] == "dead")
    assert check(client, dead["card_id"]).reason == "PERSON-DEAD"


def test_cards_and_people_not_on_file_are_named_so(client: ProvinceClient) -> None:
    assert client.check_card(CardCheckRequest("F" * 32, None, True, DEVICE)) == Refusal("CARD-UNKNOWN")
    assert client.profile(ProfileQuery("test", card_id="F" * 32)) == Refusal("CARD-UNKNOWN")
    assert client.profile(ProfileQuery("test", citizen_number="350100190001010012")) == Refusal("HOLDER-UNKNOWN")


def profile(client: ProvinceClient, **by: str) -> Profile:
    found = client.profile(ProfileQuery("window-visit", **by))
    assert isinstance(found, Profile), found
    return found


def test_a_profile_is_the_same_by_card_and_by_number(client: ProvinceClient, desk: Desk) -> None:
    row = desk.card("normal")
    by_card = profile(client, card_id=row["card_id"])
    by_number = profile(client, citizen_number=row["citizen_number"])
    assert by_card.card_id == by_number.card_id == row["card_id"]
    assert (by_card.name, by_card.person_ref) == (row["name"], row["person_ref"])
    assert by_card.insurances
    assert by_card.insurances == by_number.insurances
    assert by_card.birth_date is not None
    assert by_card.register in (RegisterState.SAME, RegisterState.DIFFERENT)


def test_every_virtual_card_has_its_holder(client: ProvinceClient, desk: Desk) -> None:
    rows = {row["profile"]: row for row in desk.get("/training/holders?limit=5000") if row["profile"]}
    lost = profile(client, card_id=rows["gen3-lost"]["card_id"])
    assert lost.social is SocialState.LOST_TEMPORARY
    assert profile(client, card_id=rows["gen2-dead"]["card_id"]).person is PersonState.DEAD
    rare = profile(client, card_id=rows["rare-name"]["card_id"])
    assert any(ord(character) > 0xFFFF for character in rare.name)


def test_states_before_a_card_is_handed_out_come_from_the_step_of_making(client: ProvinceClient, desk: Desk) -> None:
    row = next(row for row in desk.get("/training/holders?social=making&limit=5000"))
    found = profile(client, citizen_number=row["citizen_number"])
    assert found.social is SocialState.MAKING
    assert found.card_id == ""
    assert found.issued is None


def test_codes_that_nobody_knows_are_kept(client: ProvinceClient, desk: Desk) -> None:
    row = next(row for row in desk.get("/training/holders?social=normal&limit=5000") if row["bank"] == "unknown")
    found = profile(client, card_id=row["card_id"])
    assert (found.bank, found.production, found.person) == (
        BankState.UNKNOWN,
        ProductionState.UNKNOWN,
        PersonState.UNKNOWN,
    )
    assert found.raw_codes == (("bank", "8"), ("production", "77"), ("person", "8"))
    strange = next(iter(desk.get("/training/holders?social=unknown&limit=1")))
    assert profile(client, card_id=strange["card_id"]).raw_codes == (("social", "7"),)
