"""Pre-checks of card services, the list of services, and where requests stand."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, insert, select

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.schema import LOOKUPS, PERSONS
from app.training.service_models import (
    ProgressBody,
    ProgressReply,
    RequestReply,
    ServiceCheckBody,
    ServiceCheckReply,
    ServiceListReply,
    ServiceReply,
    StandInBody,
    StandInReply,
    StepReply,
)
from app.training.service_rules import load as load_rules
from app.training.service_rules import why_not
from app.training.service_schema import REQUEST_STEPS, REQUESTS, STAND_INS
from app.training.store import stamp
from app.training.whom import find


class ServiceDesk:
    """Answers what may be done for whom, and what is under way."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def services(self) -> ServiceListReply:
        """List every service."""
        return ServiceListReply(
            services=[
                ServiceReply(
                    service=service,
                    title=rule.title,
                    needs_check=rule.needs_check,
                    opens_request=rule.making_type is not None,
                )
                for service, rule in load_rules().items()
            ]
        )

    def check(self, body: ServiceCheckBody) -> ServiceCheckReply | Refusal:
        """Tell whether a service may be done; CARD-UNKNOWN, HOLDER-UNKNOWN."""
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            self._note(connection, card.person_key, body.purpose)
        reason = why_not(body.service, card)
        needs = load_rules()[body.service].needs_check
        return ServiceCheckReply(allowed=reason is None, reason=reason, version=card.version, needs_check=needs)

    def progress(self, body: ProgressBody) -> ProgressReply | Refusal:
        """Tell where a person's requests stand; CARD-UNKNOWN, HOLDER-UNKNOWN."""
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            self._note(connection, card.person_key, body.purpose)
            mine = REQUESTS.c.person_id == card.person_key
            found = connection.execute(select(REQUESTS.c.request_no).where(mine).order_by(REQUESTS.c.request_no.desc()))
            return ProgressReply(requests=[request_reply(connection, no) for no in found.scalars().all()])

    def check_stand_in(self, body: StandInBody) -> StandInReply | Refusal:
        """Tell whether somebody may act for a person; CARD-UNKNOWN, HOLDER-UNKNOWN."""
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            self._note(connection, card.person_key, body.purpose)
            theirs = (STAND_INS.c.person_id == card.person_key) & (PERSONS.c.citizen_number == body.stand_in_number)
            query = select(STAND_INS.c.relation).join(PERSONS, PERSONS.c.id == STAND_INS.c.stand_in).where(theirs)
            relation = connection.execute(query).scalar()
        return StandInReply(stands_in=relation is not None, relation=relation)

    def _note(self, connection: Connection, person: int, purpose: str) -> None:
        values = {"person_id": person, "purpose": purpose, "at": stamp(self._clock.now())}
        connection.execute(insert(LOOKUPS).values(values))


def request_reply(connection: Connection, request_no: str) -> RequestReply:
    """Put one request with its steps together."""
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.request_no == request_no)).mappings().one()
    steps = connection.execute(
        select(REQUEST_STEPS).where(REQUEST_STEPS.c.request_no == request_no).order_by(REQUEST_STEPS.c.id)
    ).mappings()
    shown = {name: row[name] for name in RequestReply.model_fields if name in row}
    return RequestReply.model_validate({**shown, "steps": [StepReply.model_validate({**step}) for step in steps]})
