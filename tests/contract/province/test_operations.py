"""Operations on the real server: effects, refusals, conflicts, and nothing twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.digest import payload_sm3
from app.domain.operation import Outcome
from app.domain.profile import Profile
from app.domain.states import SocialState
from app.province.port import CardCheck, CardCheckRequest, ItemAnswer, ProfileQuery
from app.province.wires import ProvinceClient
from tests.contract.province.conftest import BOTH_WIRES, DEVICE, Desk, batch, operation, send

pytestmark = BOTH_WIRES


def state(client: ProvinceClient, card_id: str) -> tuple[SocialState, int]:
    found = client.profile(ProfileQuery("test", card_id=card_id))
    assert isinstance(found, Profile)
    return found.social, found.version


def check_id(client: ProvinceClient, card_id: str, authenticated: bool = True) -> str:
    answer = client.check_card(CardCheckRequest(card_id, None, authenticated, DEVICE))
    assert isinstance(answer, CardCheck)
    return answer.check_id


def test_a_loss_and_its_release_move_the_card_once_each(client: ProvinceClient, desk: Desk) -> None:
    card = desk.card("normal")
    loss = operation("temporary_loss", card_id=card["card_id"], base_version=card["version"])
    (answer,) = send(client, loss)
    assert (answer.op_id, answer.outcome, answer.reason) == (loss.op_id, Outcome.APPLIED, None)
    assert answer.effect_at is not None
    assert state(client, card["card_id"]) == (SocialState.LOST_TEMPORARY, card["version"] + 1)
    release = operation(
        "release_loss",
        card_id=card["card_id"],
        base_version=card["version"] + 1,
        check_id=check_id(client, card["card_id"]),
    )
    (answer,) = send(client, release)
    assert answer.outcome is Outcome.APPLIED
    assert state(client, card["card_id"]) == (SocialState.NORMAL, card["version"] + 2)
    assert desk.applied(loss.op_id) == desk.applied(release.op_id) == 1


def test_the_same_operation_again_gets_the_stored_answer(client: ProvinceClient, desk: Desk) -> None:
    loss = operation("temporary_loss", card_id=desk.card("normal")["card_id"])
    first = send(client, loss)
    assert send(client, loss) == first
    assert send(client, loss, loss) == (first * 2)[:2]
    assert client.operation_status(loss.op_id) == first[0]
    assert desk.applied(loss.op_id) == 1


def test_an_operation_never_seen_is_none(client: ProvinceClient) -> None:
    assert client.operation_status(operation("intake").op_id) is None


def test_other_contents_under_the_same_id_raise_the_alarm(client: ProvinceClient, desk: Desk) -> None:
    card, other = desk.card("normal"), desk.card("normal")
    loss = operation("temporary_loss", card_id=card["card_id"])
    send(client, loss)
    forged = replace(
        operation("temporary_loss", card_id=other["card_id"]), op_id=loss.op_id, device_seq=loss.device_seq
    )
    (answer,) = send(client, forged)
    assert (answer.outcome, answer.reason) == (Outcome.CONFLICT, "OP-DIGEST")
    assert state(client, other["card_id"])[0] is SocialState.NORMAL


def test_a_used_sequence_number_raises_the_alarm(client: ProvinceClient, desk: Desk) -> None:
    first = operation("intake", card_id=desk.card("normal")["card_id"])
    send(client, first)
    (answer,) = send(client, replace(operation("intake"), device_seq=first.device_seq))
    assert (answer.outcome, answer.reason) == (Outcome.CONFLICT, "OP-SEQUENCE-USED")


def test_an_item_that_fails_leaves_its_neighbours_alone(client: ProvinceClient, desk: Desk) -> None:
    good, also_good = desk.card("normal"), desk.card("normal")
    altered = operation("temporary_loss", card_id=good["card_id"])
    items = (
        operation("temporary_loss", card_id=good["card_id"]),
        replace(altered, payload=altered.payload.replace("lost", "gone")),
        operation("fly_to_the_moon", card_id=good["card_id"]),
        operation("temporary_loss", card_id=good["card_id"], schema_ver=99),
        replace(operation("intake"), payload="[]", payload_sm3=payload_sm3("[]")),
        replace(operation("intake"), payload="{", payload_sm3=payload_sm3("{")),
        operation("temporary_loss", card_id=7),
        operation("temporary_loss", card_id=also_good["card_id"]),
    )
    answers = send(client, *items)
    assert [(answer.outcome.value, answer.reason) for answer in answers] == [
        ("applied", None),
        ("rejected", "OP-PAYLOAD-ALTERED"),
        ("rejected", "OP-KIND-UNKNOWN"),
        ("rejected", "OP-SCHEMA-UNKNOWN"),
        ("rejected", "OP-MALFORMED"),
        ("rejected", "OP-MALFORMED"),
        ("rejected", "OP-MALFORMED"),
        ("applied", None),
    ]
    # A wire with an address for each kind has none for what is no kind.
    unsent = None if desk.facade is not None else 0
    assert [desk.applied(item.op_id) for item in items] == [1, None, unsent, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("social", "reason"),
    [
        ("sealed", "OP-CARD-SEALED"),
        ("lost_temporary", "OP-LOST-ALREADY"),
        ("lost_formal", "OP-LOST-ALREADY"),
        ("locked", "OP-CARD-LOCKED"),
        ("cancelled", "OP-CARD-CANCELLED"),
        ("void", "OP-CARD-CANCELLED"),
        ("ready", "OP-CARD-NOT-ISSUED"),
        ("unknown", "OP-STATE-UNKNOWN"),
    ],
)
def test_only_a_normal_card_can_be_lost(client: ProvinceClient, desk: Desk, social: str, reason: str) -> None:
    card = desk.card(social)
    loss = operation("temporary_loss", card_id=card["card_id"], base_version=card["version"])
    (answer,) = send(client, loss)
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, reason)
    assert desk.applied(loss.op_id) == 0
    assert state(client, card["card_id"]) == (desk.seen(SocialState(social)), card["version"])


@pytest.mark.parametrize(
    ("social", "reason"),
    [
        ("normal", "OP-NOT-LOST"),
        ("lost_formal", "OP-LOST-FORMAL"),
        ("cancelled", "OP-CARD-CANCELLED"),
        ("unknown", "OP-STATE-UNKNOWN"),
    ],
)
def test_only_a_temporary_loss_can_be_released(client: ProvinceClient, desk: Desk, social: str, reason: str) -> None:
    row = next(row for row in desk.get(f"/training/holders?social={social}&limit=5000") if row["person"] == "normal")
    check = check_id(client, row["card_id"])
    (answer,) = send(client, operation("release_loss", card_id=row["card_id"], check_id=check))
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, reason)


def lost_card(client: ProvinceClient, desk: Desk) -> str:
    card_id = str(desk.card("normal")["card_id"])
    send(client, operation("temporary_loss", card_id=card_id))
    return card_id


def test_a_release_needs_the_cards_own_check(client: ProvinceClient, desk: Desk) -> None:
    card_id = lost_card(client, desk)
    foreign = check_id(client, desk.card("normal")["card_id"])
    unproved = check_id(client, card_id, authenticated=False)
    answers = send(
        client,
        operation("release_loss", card_id=card_id),
        operation("release_loss", card_id=card_id, check_id="never given"),
        operation("release_loss", card_id=card_id, check_id=foreign),
        operation("release_loss", card_id=card_id, check_id=unproved),
    )
    assert {answer.reason for answer in answers} == {"OP-CHECK-MISSING"}
    assert state(client, card_id)[0] is SocialState.LOST_TEMPORARY


def test_no_release_while_a_replacement_is_open(client: ProvinceClient, desk: Desk) -> None:
    for row in desk.get("/training/holders?social=lost_temporary&limit=5000"):
        found = client.profile(ProfileQuery("test", card_id=row["card_id"]))
        if isinstance(found, Profile) and found.replacement_open:
            break
    else:
        raise AssertionError("no open replacement among the holders")
    check = check_id(client, found.card_id)
    (answer,) = send(client, operation("release_loss", card_id=found.card_id, check_id=check))
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, "OP-REPLACEMENT-OPEN")


def test_an_offline_loss_may_name_the_person_only(client: ProvinceClient, desk: Desk) -> None:
    card = desk.card("normal")
    (answer,) = send(
        client, operation("temporary_loss", citizen_number=card["citizen_number"], card_id=None, offline=True)
    )
    assert answer.outcome is Outcome.APPLIED
    assert state(client, card["card_id"])[0] is SocialState.LOST_TEMPORARY


def test_a_state_that_moved_since_is_a_conflict(client: ProvinceClient, desk: Desk) -> None:
    seen, unseen = desk.card("normal"), desk.card("normal")
    before = datetime.now(UTC) - timedelta(minutes=1)
    for card in (seen, unseen):
        desk.post(f"/training/cards/{card['card_id']}/state", {"social": "lost_formal"}).raise_for_status()
        desk.post(f"/training/cards/{card['card_id']}/state", {"social": "normal"}).raise_for_status()
    with_version = operation("temporary_loss", card_id=seen["card_id"], base_version=seen["version"])
    without = operation("temporary_loss", card_id=unseen["card_id"], occurred_at=before, offline=True)
    answers = send(client, with_version, without)
    assert [(answer.outcome, answer.reason) for answer in answers] == [(Outcome.CONFLICT, "OP-STATE-MOVED")] * 2
    assert state(client, seen["card_id"]) == (SocialState.NORMAL, seen["version"] + 2)
    assert desk.applied(with_version.op_id) == desk.applied(without.op_id) == 0


@pytest.mark.parametrize(
    ("ahead", "age_s", "outcome"),
    [
        (timedelta(hours=1), 60.0, Outcome.CONFLICT),
        (timedelta(), 60.0, Outcome.CONFLICT),
        (timedelta(minutes=-1), 0.0, Outcome.CONFLICT),
        (timedelta(hours=1), 0.0, Outcome.APPLIED),
    ],
)
def test_a_clock_that_goes_wrong_hides_no_move(
    client: ProvinceClient, desk: Desk, ahead: timedelta, age_s: float, outcome: Outcome
) -> None:
    """The counter saw nothing of the card, which moved after the loss was taken: the earlier of both times counts."""
    card = desk.card("normal")
    for social in ("lost_formal", "normal"):
        desk.post(f"/training/cards/{card['card_id']}/state", {"social": social}).raise_for_status()
    dated = datetime.now(UTC) + ahead
    loss = operation("temporary_loss", card_id=card["card_id"], occurred_at=dated, age_s=age_s, offline=True)
    (answer,) = send(client, loss)
    assert answer.outcome is outcome


def test_an_intake_is_recorded_whatever_the_card(client: ProvinceClient, desk: Desk) -> None:
    card = desk.card("cancelled")
    known = operation("intake", card_id=card["card_id"], base_version=card["version"] + 5)
    unknown = operation("intake", citizen_number="350100190001010012")
    assert [answer.outcome for answer in send(client, known, unknown)] == [Outcome.APPLIED] * 2
    assert state(client, card["card_id"]) == (SocialState.CANCELLED, card["version"])
    assert desk.applied(known.op_id) == desk.applied(unknown.op_id) == 1


def test_people_and_cards_that_do_not_fit_are_refused(client: ProvinceClient, desk: Desk) -> None:
    card = desk.card("normal")
    dead = next(row for row in desk.get("/training/holders?social=normal&limit=5000") if row["person"] == "dead")
    answers = send(
        client,
        operation("temporary_loss", card_id="F" * 32),
        operation("temporary_loss", citizen_number="350100190001010012"),
        operation("temporary_loss"),
        operation("temporary_loss", card_id=card["card_id"], citizen_number=dead["citizen_number"]),
        operation("temporary_loss", card_id=dead["card_id"]),
    )
    assert [answer.reason for answer in answers] == [
        "CARD-UNKNOWN",
        "HOLDER-UNKNOWN",
        "HOLDER-UNKNOWN",
        "OP-HOLDER-DIFFERS",
        "OP-PERSON-DEAD",
    ]


def test_one_operation_sent_from_many_threads_has_one_effect(client: ProvinceClient, desk: Desk) -> None:
    loss = operation("temporary_loss", card_id=desk.card("normal")["card_id"])
    answers: list[tuple[ItemAnswer, ...]] = []

    def deliver() -> None:
        got = client.upload(batch(loss))
        assert isinstance(got, tuple)
        answers.append(got)

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert desk.applied(loss.op_id) == 1


def test_a_state_nobody_knows_cannot_be_set(desk: Desk) -> None:
    card = desk.card("normal")
    assert desk.post(f"/training/cards/{card['card_id']}/state", {"social": "melted"}).status_code == 422
    assert desk.post(f"/training/cards/{'F' * 32}/state", {"social": "normal"}).json()["code"] == "CARD-UNKNOWN"


@pytest.mark.parametrize("social", list(SocialState))
def test_a_card_can_be_moved_to_every_state(client: ProvinceClient, desk: Desk, social: SocialState) -> None:
    card = desk.card("normal")
    desk.post(f"/training/cards/{card['card_id']}/state", {"social": social}).raise_for_status()
    assert state(client, card["card_id"]) == (desk.seen(social), card["version"] + 1)
