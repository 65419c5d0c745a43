"""What the training province allows of each card service: `resources/training/service_rules.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.catalogue.tables import TableError, read_table, string, strings, table
from app.domain.card_service import CardService
from app.domain.states import PersonState, SocialState
from app.training.records import CardRecord

_FILE = "service_rules.toml"
_OPEN = ("refuse", "require", "ignore")


@dataclass(frozen=True)
class ServiceRule:
    """One service's line of the table; `to` is None where the card's state stays."""

    title: str
    sources: frozenset[SocialState]
    to: SocialState | None
    open_replacement: str
    for_the_dead: bool
    needs_check: bool
    making_type: str | None
    """ACA017 of the request that it opens."""
    reasons: Mapping[SocialState, str]


@cache
def load() -> Mapping[CardService, ServiceRule]:
    """Load the table; raises TableError for a service without its line, or a line that cannot be meant."""
    found = read_table("training", _FILE)
    general = _reasons(found.get("general"))
    if found.keys() != {"general", *CardService}:
        raise TableError(f"{_FILE}: {', '.join(sorted(found.keys() ^ {'general', *CardService}))}")
    return {service: _rule(table(found[service], service), general) for service in CardService}


def rule_of(service: CardService) -> ServiceRule:
    """Return a service's line of the table."""
    return load()[service]


def why_not(service: CardService, card: CardRecord) -> str | None:
    """Return the code of what is in a service's way, or None."""
    rule = rule_of(service)
    if card.person is PersonState.DEAD and not rule.for_the_dead:
        return "SERVICE-PERSON-DEAD"
    if SocialState.UNKNOWN in (card.social, card.person) and SocialState.UNKNOWN not in rule.sources:
        return "SERVICE-STATE-UNKNOWN"
    if card.replacement_open and rule.open_replacement == "refuse":
        return "SERVICE-REQUEST-OPEN"
    under_way = card.replacement_open or card.social is SocialState.APPLIED
    if rule.open_replacement == "require" and card.social in rule.sources and not under_way:
        return "SERVICE-NO-REQUEST"
    if card.social not in rule.sources:
        return rule.reasons[card.social]
    return None


def _rule(row: Mapping[str, object], general: Mapping[SocialState, str]) -> ServiceRule:
    target, way, making = row.get("to"), string(row.get("open", "refuse"), _FILE), row.get("request")
    if way not in _OPEN:
        raise TableError(f"{_FILE}: open = {way}")
    return ServiceRule(
        title=string(row.get("title"), _FILE),
        sources=frozenset(SocialState(name) for name in strings(row.get("from"), _FILE)),
        to=None if target is None else SocialState(string(target, _FILE)),
        open_replacement=way,
        for_the_dead=row.get("dead") is True,
        needs_check=row.get("check") is True,
        making_type=None if making is None else string(making, _FILE),
        reasons={**general, **_reasons(row.get("reasons", {}))},
    )


def _reasons(value: object) -> Mapping[SocialState, str]:
    return {SocialState(state): string(code, _FILE) for state, code in table(value, _FILE).items()}
