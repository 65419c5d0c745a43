"""卡鉴权, profiles, and the list of fictional holders."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from app.domain.clock import Clock
from app.domain.states import SocialState
from app.province.code_map import CodeMaps
from app.training.records import CardRecord, card_by_id, card_by_number, profile_of
from app.training.rules import why_unusable
from app.training.schema import CARD_CHECKS, CARDS, LOOKUPS, PERSONS
from app.training.store import stamp
from app.training.wire_models import CardCheckBody, CardCheckReply, HolderReply, ProfileBody, ProfileReply


class HolderDesk:
    """Answers what is asked of people and cards."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def check_card(self, body: CardCheckBody) -> CardCheckReply | None:
        """Do 卡鉴权 and keep it for what needs it; None for a card that is not on file."""
        now = self._clock.now()
        check_id = str(uuid.uuid4())
        with self._engine.begin() as connection:
            card = card_by_id(connection, self._maps, body.card_id)
            if card is None:
                return None
            reason = why_unusable(card, body.authenticated)
            connection.execute(
                insert(CARD_CHECKS).values(
                    check_id=check_id,
                    card=card.key,
                    device=body.device,
                    authenticated=body.authenticated,
                    usable=reason is None,
                    at=stamp(now),
                )
            )
            wanted = body.authenticated and body.purpose is not None
            shown = self._shown(connection, card, body.purpose or "", now) if wanted else None
        return CardCheckReply(
            check_id=check_id,
            usable=reason is None,
            social_code=card.social_code,
            production_code=card.production_code,
            version=card.version,
            reason=reason,
            profile=shown,
        )

    def profile(self, body: ProfileBody) -> ProfileReply | None:
        """Give a profile and log its purpose; None when neither card nor number is on file."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            card = self._find(connection, body)
            if card is None:
                return None
            return self._shown(connection, card, body.purpose, now)

    def list(self, social: SocialState | None, limit: int) -> Sequence[HolderReply]:
        """List holders in the order of their making, those of one state only when it is given."""
        query = select(PERSONS, CARDS).join(CARDS, CARDS.c.person_id == PERSONS.c.id).order_by(CARDS.c.id)
        found = []
        with self._engine.begin() as connection:
            for row in connection.execute(query).mappings():
                state = self._maps.social_state(row["social_code"], row["production_code"])
                if social in (None, state):
                    found.append(
                        HolderReply(
                            person_ref=row["person_ref"],
                            name=row["name"],
                            citizen_number=row["citizen_number"],
                            card_id=row["card_id"],
                            card_number=row["card_number"],
                            social=state,
                            bank=self._maps.bank.state(row["bank_code"]),
                            production=self._maps.production.state(row["production_code"]),
                            person=self._maps.person.state(row["person_code"]),
                            version=row["version"],
                            profile=row["profile"],
                        )
                    )
                if len(found) == limit:
                    break
        return found

    def _shown(self, connection: Connection, card: CardRecord, purpose: str, now: datetime) -> ProfileReply:
        connection.execute(insert(LOOKUPS).values(person_id=card.person_key, purpose=purpose, at=stamp(now)))
        return profile_of(connection, card, now)

    def _find(self, connection: Connection, body: ProfileBody) -> CardRecord | None:
        if body.card_id is not None:
            return card_by_id(connection, self._maps, body.card_id)
        return card_by_number(connection, self._maps, body.citizen_number or "")
