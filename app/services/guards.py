"""One source for "may this be done now": the same guard lights the profile and stands in the command."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.services import Catalogue, CommandRow, OfflineClass, ServiceRow
from app.catalogue.texts import Texts
from app.domain.identity import Identity
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import PersonState, SocialState
from app.services.views import PossibleService


@dataclass(frozen=True)
class Facts:
    """Everything a guard looks at."""

    identity: Identity
    profile: Profile | None
    online: bool
    permissions: frozenset[str]
    own_card: bool = False
    """Whether the clerk serves the clerk's own record."""


def why_not(service: ServiceRow, command: CommandRow, title: str, facts: Facts) -> Refusal | None:
    """Return why a service may not start, or None; the first reason that a clerk can act on."""
    if command.permission and command.permission not in facts.permissions:
        return Refusal.of("NOT-PERMITTED", permission=command.permission)
    if facts.own_card:
        return Refusal("OWN-CARD")
    if command.offline is OfflineClass.NEVER and not facts.online:
        return Refusal.of("OFFLINE-NEVER", service=title)
    profile = facts.profile
    if profile is not None and profile.person is PersonState.DEAD:
        return Refusal("PERSON-DEAD")
    if profile is not None and profile.social not in service.allowed_from:
        raw = dict(profile.raw_codes).get("social", "")
        return Refusal.of(service.refusals[profile.social], raw=raw)
    if service.needs_card and not facts.identity.card_proof.authenticated:
        return Refusal("CARD-NOT-AUTHENTICATED")
    if service.needs_card and facts.identity.card_proof.check_id is None:
        return Refusal("CARD-NOT-AUTHENTICATED")
    if service.kind is OperationKind.RELEASE_LOSS and profile is not None and profile.replacement_open:
        return Refusal("REPLACEMENT-OPEN")
    return None


def possible_services(catalogue: Catalogue, texts: Texts, facts: Facts) -> tuple[PossibleService, ...]:
    """Judge every service of the catalogue for one holder."""
    judged = []
    for service in catalogue.services.values():
        title = texts(service.title)
        refusal = why_not(service, catalogue.commands[service.command], title, facts)
        judged.append(PossibleService(service.code, service.kind, title, refusal, service.pinyin))
    return tuple(judged)


def suggested(services: tuple[PossibleService, ...], profile: Profile | None) -> str | None:
    """Return the code of the next-best service: what the card's state calls for, else nothing is pushed."""
    possible = {service.kind: service.code for service in services if service.refusal is None}
    if profile is not None and profile.social is SocialState.LOST_TEMPORARY:
        return possible.get(OperationKind.RELEASE_LOSS)
    if profile is None:
        return possible.get(OperationKind.TEMPORARY_LOSS)
    return None
