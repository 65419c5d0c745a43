"""What may be done, by state, proof, person and connection; expected outcomes written by hand from business.md 1.2."""

from __future__ import annotations

import pytest

from app.catalogue import services, texts
from app.domain.identity import CardProof
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.states import BankState, PersonState, SocialState
from app.journal.outbox_values import WaitingOperation
from app.services.guards import Facts, possible_services, suggested
from tests.unit.services.people import EVERYTHING, identity, profile

PROVED = CardProof(True, True, "check-1")
UNPROVED = CardProof(False, False)


def judge(
    shown: Profile | None,
    online: bool = True,
    proof: CardProof = PROVED,
    permissions: frozenset[str] = EVERYTHING,
    own: bool = False,
    waiting: tuple[WaitingOperation, ...] = (),
) -> dict[OperationKind, str | None]:
    facts = Facts(identity(proof), shown, online, permissions, own, waiting)
    found = possible_services(services.load(), texts.load(), facts)
    return {service.kind: service.refusal.code if service.refusal else None for service in found}


@pytest.mark.parametrize(
    ("state", "loss", "formal", "release"),
    [
        (SocialState.NONE, "CARD-NOT-ISSUED", "CARD-NOT-ISSUED", "CARD-NOT-ISSUED"),
        (SocialState.APPLIED, "CARD-NOT-ISSUED", "CARD-NOT-ISSUED", "CARD-NOT-ISSUED"),
        (SocialState.MAKING, "CARD-NOT-ISSUED", "CARD-NOT-ISSUED", "CARD-NOT-ISSUED"),
        (SocialState.READY, "CARD-NOT-ISSUED", "CARD-NOT-ISSUED", "CARD-NOT-ISSUED"),
        (SocialState.SEALED, "CARD-SEALED", "CARD-SEALED", "CARD-SEALED"),
        (SocialState.NORMAL, None, None, "CARD-IS-NORMAL"),
        (SocialState.LOST_TEMPORARY, "CARD-LOST-ALREADY", None, None),
        (SocialState.LOST_FORMAL, "CARD-LOST-ALREADY", "CARD-LOST-FORMAL-ALREADY", "CARD-LOST-FORMAL"),
        (SocialState.LOCKED, "CARD-LOCKED", "CARD-LOCKED", "CARD-LOCKED"),
        (SocialState.CANCELLED, "CARD-CANCELLED", "CARD-CANCELLED", "CARD-CANCELLED"),
        (SocialState.VOID, "CARD-CANCELLED", "CARD-CANCELLED", "CARD-CANCELLED"),
        (SocialState.UNKNOWN, "CARD-STATE-UNKNOWN", "CARD-STATE-UNKNOWN", "CARD-STATE-UNKNOWN"),
    ],
)
def test_each_state_opens_what_the_table_says(
    state: SocialState, loss: str | None, formal: str | None, release: str | None
) -> None:
    judged = judge(profile(state))
    assert judged[OperationKind.TEMPORARY_LOSS] == loss
    assert judged[OperationKind.FORMAL_LOSS] == formal
    assert judged[OperationKind.RELEASE_LOSS] == release
    assert judged[OperationKind.INTAKE] == ("CARD-STATE-UNKNOWN" if state is SocialState.UNKNOWN else None)


@pytest.mark.parametrize("name", ["bank", "production", "person"])
@pytest.mark.parametrize("state", [SocialState.NORMAL, SocialState.LOST_TEMPORARY])
def test_a_code_that_nobody_knows_blocks_every_service(name: str, state: SocialState) -> None:
    codes = set(judge(profile(state, raw_codes=((name, "8"),))).values())
    assert codes <= {"STATE-CODE-UNKNOWN", "CARD-IS-NORMAL", "CARD-LOST-ALREADY"}
    assert "STATE-CODE-UNKNOWN" in codes


def test_an_insurance_that_nobody_knows_blocks_nothing() -> None:
    assert judge(profile(raw_codes=(("insurance_kind", "999"),)))[OperationKind.TEMPORARY_LOSS] is None


def test_a_card_that_was_not_proved_opens_nothing_while_the_province_is_there() -> None:
    assert set(judge(None, proof=UNPROVED).values()) == {"CARD-NOT-AUTHENTICATED"}


def test_offline_leaves_loss_and_intake_and_refuses_release() -> None:
    judged = judge(None, online=False, proof=UNPROVED)
    assert judged == {
        OperationKind.TEMPORARY_LOSS: None,
        OperationKind.FORMAL_LOSS: "OFFLINE-NEVER",
        OperationKind.RELEASE_LOSS: "OFFLINE-NEVER",
        OperationKind.INTAKE: None,
    }


@pytest.mark.parametrize("proof", [CardProof(False, True, "c"), CardProof(True, True, None), UNPROVED])
def test_release_needs_both_checks_of_the_card(proof: CardProof) -> None:
    judged = judge(profile(SocialState.LOST_TEMPORARY), proof=proof)
    assert judged[OperationKind.RELEASE_LOSS] == "CARD-NOT-AUTHENTICATED"


def test_a_lost_card_that_was_checked_may_be_released() -> None:
    asked = CardProof(True, False, "c", "CARD-LOSS-REGISTERED")
    assert judge(profile(SocialState.LOST_TEMPORARY), proof=asked)[OperationKind.RELEASE_LOSS] is None


def test_a_formal_loss_needs_what_the_province_has_on_file() -> None:
    assert judge(None)[OperationKind.FORMAL_LOSS] == "PROFILE-UNSEEN"
    assert judge(profile(bank=BankState.INACTIVE))[OperationKind.FORMAL_LOSS] is None


def test_a_replacement_under_way_forbids_release() -> None:
    judged = judge(profile(SocialState.LOST_TEMPORARY, replacement_open=True))
    assert judged[OperationKind.RELEASE_LOSS] == "REPLACEMENT-OPEN"


def test_nothing_is_done_for_the_dead_or_for_oneself_or_without_permission() -> None:
    assert set(judge(profile(person=PersonState.DEAD)).values()) == {"PERSON-DEAD"}
    assert set(judge(profile(), own=True).values()) == {"OWN-CARD"}
    assert set(judge(profile(), permissions=frozenset()).values()) == {"NOT-PERMITTED"}


@pytest.mark.parametrize(
    ("shown", "online", "code"),
    [(profile(SocialState.LOST_TEMPORARY), True, "22"), (profile(), True, None), (None, False, "20")],
)
def test_the_next_best_service_is_what_the_state_calls_for(
    shown: Profile | None, online: bool, code: str | None
) -> None:
    facts = Facts(identity(), shown, online, EVERYTHING)
    assert suggested(possible_services(services.load(), texts.load(), facts), shown) == code


def test_what_waits_for_the_province_is_not_taken_again() -> None:
    waits = WaitingOperation("op-1", OperationKind.TEMPORARY_LOSS, "350102-20261122-ABCDEF-00001")
    for online in (True, False):
        judged = judge(profile(SocialState.NORMAL), online, waiting=(waits,))
        assert judged[OperationKind.TEMPORARY_LOSS] == "OP-WAITING-HERE"
        assert judged[OperationKind.RELEASE_LOSS] == ("OP-WAITING-HERE" if online else "OFFLINE-NEVER")
        assert judged[OperationKind.INTAKE] is None
    intake = WaitingOperation("op-2", OperationKind.INTAKE, "350102-20261122-ABCDEF-00002")
    assert judge(profile(SocialState.NORMAL), waiting=(intake,))[OperationKind.TEMPORARY_LOSS] is None
