"""One source for "may this be done now": the same guard lights the profile and stands in the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.catalogue.services import Catalogue, CommandRow, Guard, GuardRow, OfflineClass, ServiceRow
from app.catalogue.texts import Texts
from app.domain.downlink import CardState
from app.domain.identity import Identity
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import PersonState, SocialState
from app.domain.work_limits import UNMEASURED, Standing
from app.journal.outbox_values import WaitingOperation
from app.services.views import PossibleService
from app.services.work_gauge import stopped


@dataclass(frozen=True)
class Facts:
    """Everything a guard looks at."""

    identity: Identity
    profile: Profile | None
    online: bool
    permissions: frozenset[str]
    own_card: bool = False
    """Whether the clerk serves the clerk's own record."""
    waiting: tuple[WaitingOperation, ...] = ()
    """What waits here for the province of this holder."""
    standing: Standing = UNMEASURED
    """The limits of work without the province."""
    known: CardState | None = None
    """What the province told of the card last, where there is no profile."""
    held_up: Callable[[str], Refusal | None] = lambda _saga: None
    """Why a saga would not be begun now."""


def why_not(service: ServiceRow, command: CommandRow, title: str, facts: Facts) -> Refusal | None:
    """Return why a service may not start, or None; the first reason that a clerk can act on."""
    if command.permission and command.permission not in facts.permissions:
        return Refusal.of("NOT-PERMITTED", permission=command.permission)
    if command.offline is OfflineClass.NEVER and not facts.online:
        return Refusal.of("OFFLINE-NEVER", service=title)
    at_limit = stopped(facts.standing, command, facts.online)
    if at_limit is not None:
        return at_limit
    held_up = None if service.saga is None else facts.held_up(service.saga)
    if held_up is not None:
        return held_up
    return next((refusal for row in service.guards if (refusal := _ASK[row.guard](row, service, facts))), None)


def _other_record(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    return _refused_if(facts.own_card, row)


def _person_alive(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    told = facts.profile or facts.known
    return _refused_if(told is not None and told.person is PersonState.DEAD, row)


def _nothing_waiting(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    held_up = next((waits for waits in facts.waiting if waits.kind in row.lists), None)
    return _refused_if(held_up is not None, row, number=held_up.acceptance_no if held_up is not None else "")


def _card_state(_row: GuardRow, service: ServiceRow, facts: Facts) -> Refusal | None:
    profile = facts.profile
    known = facts.known
    if profile is None and known is not None and known.tombstone is not None and known.social in service.refusals:
        # A state that is only remembered may have moved on; what is cancelled stays so.
        return Refusal(service.refusals[known.social])
    if profile is None or profile.social in service.allowed_from:
        return None
    return Refusal.of(service.refusals[profile.social], raw=dict(profile.raw_codes).get("social", ""))


def _codes_known(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    codes = facts.profile.raw_codes if facts.profile is not None else ()
    raw = next((code for name, code in codes if name in row.lists), None)
    return _refused_if(raw is not None, row, raw=raw)


def _card_proved(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    return _refused_if(facts.online and not facts.identity.card_proof.done, row)


def _no_replacement_open(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    return _refused_if(facts.profile is not None and facts.profile.replacement_open, row)


def _profile_seen(row: GuardRow, _service: ServiceRow, facts: Facts) -> Refusal | None:
    return _refused_if(facts.profile is None, row)


_ASK: Mapping[Guard, Callable[[GuardRow, ServiceRow, Facts], Refusal | None]] = {
    Guard.OTHER_RECORD: _other_record,
    Guard.PERSON_ALIVE: _person_alive,
    Guard.NOTHING_WAITING: _nothing_waiting,
    Guard.CARD_STATE: _card_state,
    Guard.CODES_KNOWN: _codes_known,
    Guard.CARD_PROVED: _card_proved,
    Guard.NO_REPLACEMENT_OPEN: _no_replacement_open,
    Guard.PROFILE_SEEN: _profile_seen,
}


def _refused_if(fails: bool, row: GuardRow, **facts: object) -> Refusal | None:
    return Refusal.of(row.code or "UNKNOWN", **facts) if fails else None


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
