"""What the training province does with an operation: pure rules over what is on file (business.md 1.2)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.card_service import CardService
from app.domain.operation import Outcome
from app.domain.states import PersonState, SocialState
from app.training.records import CardRecord
from app.training.service_rules import rule_of, why_not

CHECK_LIFE = timedelta(hours=24)
"""How long a 卡鉴权 backs a release; by the province's own clock."""

_NO_LOSS_FROM = {
    SocialState.NONE: "OP-CARD-NOT-ISSUED",
    SocialState.APPLIED: "OP-CARD-NOT-ISSUED",
    SocialState.MAKING: "OP-CARD-NOT-ISSUED",
    SocialState.READY: "OP-CARD-NOT-ISSUED",
    SocialState.SEALED: "OP-CARD-SEALED",
    SocialState.LOST_TEMPORARY: "OP-LOST-ALREADY",
    SocialState.LOST_FORMAL: "OP-LOST-ALREADY",
    SocialState.LOCKED: "OP-CARD-LOCKED",
    SocialState.CANCELLED: "OP-CARD-CANCELLED",
    SocialState.VOID: "OP-CARD-CANCELLED",
    SocialState.UNKNOWN: "OP-STATE-UNKNOWN",
}
_BY_HAND = frozenset({CardService.TEMPORARY_LOSS, CardService.FORMAL_LOSS, CardService.RELEASE_LOSS})
_TEMPORARY_LOSS_FROM = frozenset({SocialState.NORMAL})
_FORMAL_LOSS_FROM = frozenset({SocialState.NORMAL, SocialState.LOST_TEMPORARY})
_NO_RELEASE_FROM = {
    SocialState.LOST_FORMAL: "OP-LOST-FORMAL",
    SocialState.CANCELLED: "OP-CARD-CANCELLED",
    SocialState.VOID: "OP-CARD-CANCELLED",
    SocialState.UNKNOWN: "OP-STATE-UNKNOWN",
}
_NO_USE_IN = {
    SocialState.NONE: "CARD-NOT-ISSUED",
    SocialState.APPLIED: "CARD-NOT-ISSUED",
    SocialState.MAKING: "CARD-NOT-ISSUED",
    SocialState.READY: "CARD-NOT-ISSUED",
    SocialState.SEALED: "CARD-SEALED",
    SocialState.LOST_TEMPORARY: "CARD-LOSS-REGISTERED",
    SocialState.LOST_FORMAL: "CARD-LOST-FORMAL",
    SocialState.LOCKED: "CARD-LOCKED",
    SocialState.CANCELLED: "CARD-CANCELLED",
    SocialState.VOID: "CARD-CANCELLED",
    SocialState.UNKNOWN: "CARD-STATE-UNKNOWN",
}


@dataclass(frozen=True)
class Payload:
    """What rules read of a payload; what it does not name is None."""

    card_id: str | None
    citizen_number: str | None
    check_id: str | None


@dataclass(frozen=True)
class CheckRecord:
    """A 卡鉴权 that was done."""

    card_key: int
    authenticated: bool
    at: datetime


@dataclass(frozen=True)
class Asked:
    """One operation with what is on file for it."""

    kind: CardService
    payload: Payload
    happened: datetime
    """By the province's own clock, at the earliest."""
    base_version: int | None
    card: CardRecord | None
    check: CheckRecord | None


@dataclass(frozen=True)
class Decision:
    """What becomes of an operation; `social` is the card's new state where it moves."""

    outcome: Outcome
    reason: str | None = None
    social: SocialState | None = None


def read_payload(text: str) -> Payload | None:
    """Read a payload; None when it is no JSON object or an item is no text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    items = [value.get(name) for name in ("card_id", "citizen_number", "check_id")]
    if not all(item is None or isinstance(item, str) for item in items):
        return None
    return Payload(*(item or None for item in items))


def why_unusable(card: CardRecord, authenticated: bool) -> str | None:
    """Return why 卡鉴权 is not given, or None."""
    if not authenticated:
        return "CARD-NOT-AUTHENTICATED"
    if card.person is PersonState.DEAD:
        return "PERSON-DEAD"
    return _NO_USE_IN.get(card.social)


def decide(asked: Asked, now: datetime) -> Decision:
    """Decide on an operation; nothing is written here."""
    card = asked.card
    if asked.kind is CardService.INTAKE:
        return Decision(Outcome.APPLIED)
    if card is None:
        return _rejected("CARD-UNKNOWN" if asked.payload.card_id else "HOLDER-UNKNOWN")
    if asked.payload.citizen_number not in (None, card.citizen_number):
        return _rejected("OP-HOLDER-DIFFERS")
    if _moved(asked, card):
        return Decision(Outcome.CONFLICT, "OP-STATE-MOVED")
    if asked.kind not in _BY_HAND:
        return _by_table(asked, card)
    if card.person is PersonState.DEAD:
        return _rejected("OP-PERSON-DEAD")
    if asked.kind is CardService.TEMPORARY_LOSS:
        return _loss(card, _TEMPORARY_LOSS_FROM, SocialState.LOST_TEMPORARY)
    if asked.kind is CardService.FORMAL_LOSS:
        return _loss(card, _FORMAL_LOSS_FROM, SocialState.LOST_FORMAL)
    return _release(asked, card, now)


def _by_table(asked: Asked, card: CardRecord) -> Decision:
    reason, rule = why_not(asked.kind, card), rule_of(asked.kind)
    if reason is not None:
        return _rejected(reason)
    # A card that is applied for is moved by its request.
    return Decision(Outcome.APPLIED, social=rule.to if rule.making_type is None else None)


def _moved(asked: Asked, card: CardRecord) -> bool:
    if asked.base_version is not None:
        return asked.base_version != card.version
    return card.changed_at > asked.happened


def _loss(card: CardRecord, sources: Collection[SocialState], target: SocialState) -> Decision:
    if card.social in sources:
        return Decision(Outcome.APPLIED, social=target)
    return _rejected(_NO_LOSS_FROM.get(card.social, "OP-CARD-NOT-NORMAL"))


def _release(asked: Asked, card: CardRecord, now: datetime) -> Decision:
    if card.social is not SocialState.LOST_TEMPORARY:
        return _rejected(_NO_RELEASE_FROM.get(card.social, "OP-NOT-LOST"))
    if card.replacement_open:
        return _rejected("OP-REPLACEMENT-OPEN")
    check = asked.check
    if check is None or check.card_key != card.key or not check.authenticated:
        return _rejected("OP-CHECK-MISSING")
    if now - check.at > CHECK_LIFE:
        return _rejected("OP-CHECK-OLD")
    return Decision(Outcome.APPLIED, social=SocialState.NORMAL)


def _rejected(reason: str) -> Decision:
    return Decision(Outcome.REJECTED, reason)
