"""The table of services: complete, each reason with its sentence, and what it forbids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.catalogue import sentences
from app.domain.card_service import CardService
from app.domain.operation import OperationKind
from app.domain.states import PersonState, SocialState
from app.training.records import CardRecord
from app.training.service_rules import load, why_not


def card(social: SocialState, person: PersonState = PersonState.NORMAL, open_request: bool = False) -> CardRecord:
    """Make a card of nobody."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return CardRecord(1, 1, "x", "", "", social, person, "", 1, now, open_request, True)


def test_every_kind_of_operation_is_a_service() -> None:
    assert {kind.value for kind in OperationKind} <= {service.value for service in CardService}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_reason_has_its_sentence(language: str) -> None:
    known = sentences.load(language).entries
    reasons = {why_not(service, card(social)) for service in CardService for social in SocialState} - {None}
    assert len(reasons) > 10
    assert reasons <= set(known)


@pytest.mark.parametrize("service", list(CardService))
def test_the_dead_are_only_cancelled_and_looked_up(service: CardService) -> None:
    reason = why_not(service, card(SocialState.NORMAL, PersonState.DEAD))
    free = service in (CardService.CANCEL, CardService.PROGRESS, CardService.INTAKE)
    assert (reason == "SERVICE-PERSON-DEAD") is not free


@pytest.mark.parametrize("service", [service for service in CardService if service is not CardService.INTAKE])
def test_an_unknown_state_blocks_every_service(service: CardService) -> None:
    assert why_not(service, card(SocialState.UNKNOWN)) == "SERVICE-STATE-UNKNOWN"
    unknown_person = card(SocialState.NORMAL, PersonState.UNKNOWN)
    assert why_not(service, unknown_person) is not None


@pytest.mark.parametrize(
    ("service", "social", "open_request", "reason"),
    [
        (CardService.REPLACE_LOST, SocialState.NORMAL, False, "SERVICE-LOSS-FIRST"),
        (CardService.REPLACE_LOST, SocialState.LOST_TEMPORARY, False, "SERVICE-FORMAL-LOSS-FIRST"),
        (CardService.REPLACE_LOST, SocialState.LOST_FORMAL, False, None),
        (CardService.REPLACE_LOST, SocialState.LOST_FORMAL, True, "SERVICE-REQUEST-OPEN"),
        (CardService.FIRST_ISSUE, SocialState.CANCELLED, False, None),
        (CardService.FIRST_ISSUE, SocialState.NORMAL, False, "SERVICE-CARD-ALIVE"),
        (CardService.UNDO, SocialState.NORMAL, True, None),
        (CardService.UNDO, SocialState.APPLIED, False, None),
        (CardService.UNDO, SocialState.NORMAL, False, "SERVICE-NO-REQUEST"),
        (CardService.ENABLE, SocialState.CANCELLED, False, "SERVICE-CARD-CANCELLED"),
    ],
)
def test_the_forbidden_ways_of_the_sheet(
    service: CardService, social: SocialState, open_request: bool, reason: str | None
) -> None:
    """business.md 1.2: transitions and what is said of the forbidden ones."""
    assert why_not(service, card(social, open_request=open_request)) == reason


def test_what_opens_a_request_names_its_making_type() -> None:
    types = {service: rule.making_type for service, rule in load().items() if rule.making_type is not None}
    assert types == {
        CardService.FIRST_ISSUE: "1",
        CardService.REPLACE_LOST: "2",
        CardService.REPLACE: "3",
        CardService.SAME_NUMBER: "4",
        CardService.BANK_CHANGE: "3",
    }
