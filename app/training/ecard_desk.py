"""E-cards of fictional holders: rotating codes, what holders authorise, and logins by the hall's own code."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, select

from app.catalogue.ecard import load as load_rules
from app.domain.clock import Clock
from app.domain.ecard import EcardUse
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.ecard_models import (
    EcardAuthorisationReply,
    EcardLoginBody,
    EcardLoginCodeReply,
    EcardLoginQueryBody,
    EcardLoginReply,
    EcardStateBody,
    EcardStateReply,
    EcardVerifiedReply,
    EcardVerifyBody,
)
from app.training.records import CardRecord, card_by_id
from app.training.schema import LOOKUPS, PERSONS
from app.training.store import stamp

CODE_LIFE = timedelta(seconds=60)
AUTHORISED_FOR = timedelta(minutes=10)
_MOST_LOGINS = 1000
_REFUSED = {EcardUse.PAUSED: "ECARD-PAUSED", EcardUse.STOPPED: "ECARD-STOPPED"}


@dataclass(frozen=True)
class _Login:
    """A login by the hall's code."""

    asked: EcardLoginBody
    code_digest: str
    until: datetime
    state: str = "waiting"
    ecard: EcardVerifiedReply | None = None


class EcardDesk:
    """Codes, authorisations and logins live in memory; codes as digests, for a minute, each for one use."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock
        self._rules = load_rules()
        self._lock = threading.RLock()
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._given: dict[str, tuple[str, EcardAuthorisationReply]] = {}
        self._logins: dict[str, _Login] = {}
        self._numbers: dict[str, str] = {}

    def show(self, card_id: str) -> str | None:
        """Make the code that a trainee's phone shows for a minute; None for an unknown card."""
        with self._engine.connect() as connection:
            if card_by_id(connection, self._maps, card_id) is None:
                return None
        code, now = f"ESSC{secrets.token_hex(24).upper()}", self._clock.now()
        with self._lock:
            self._codes = {digest: kept for digest, kept in self._codes.items() if kept[1] + CODE_LIFE > now}
            self._codes[_digest(code)] = (card_id, now + CODE_LIFE)
        return code

    def authorise(self, card_id: str, items: tuple[str, ...], purpose: str) -> EcardAuthorisationReply | Refusal:
        """Take what a holder confirms on the phone; ECARD-ITEM-UNKNOWN."""
        if not items or set(items) - set(self._rules.items):
            return Refusal("ECARD-ITEM-UNKNOWN")
        now = self._clock.now()
        given = EcardAuthorisationReply(
            number=f"SQ{secrets.token_hex(8).upper()}",
            items=list(items),
            purpose=purpose,
            given_at=now,
            valid_until=now + AUTHORISED_FOR,
        )
        with self._lock:
            self._given = {key: kept for key, kept in self._given.items() if kept[1].valid_until > now}
            self._given[given.number] = (card_id, given)
        return given

    def verify(self, body: EcardVerifyBody) -> EcardVerifiedReply | Refusal:
        """Tell whose code this is; a second use is ECARD-CODE-UNKNOWN, whatever came of the first."""
        now = self._clock.now()
        with self._lock:
            card_id, until = self._codes.pop(_digest(body.code), (None, now))
        if card_id is None:
            return Refusal("ECARD-CODE-UNKNOWN")
        if until <= now:
            return Refusal("ECARD-CODE-OLD")
        return self._verified(card_id, body.purpose, self._newest(card_id, now))

    def state(self, body: EcardStateBody) -> EcardStateReply | Refusal:
        """Tell what an e-card may do now; only those are known that somebody verified since the start."""
        with self._engine.begin() as connection:
            card_id = self._numbers.get(body.ecard_number)
            card = None if card_id is None else card_by_id(connection, self._maps, card_id)
            if card is None:
                return Refusal("ECARD-UNKNOWN")
            self._note(connection, card, body.purpose)
        return EcardStateReply(
            ecard_number=body.ecard_number, use=self._rules.use(card.social).value, as_of=self._clock.now()
        )

    def authorisation(self, number: str) -> EcardAuthorisationReply | Refusal:
        """Return an authorisation that is in force."""
        with self._lock:
            found = self._given.get(number)
        if found is None or found[1].valid_until <= self._clock.now():
            return Refusal("ECARD-AUTHORISATION-UNKNOWN")
        return found[1]

    def begin(self, body: EcardLoginBody) -> EcardLoginCodeReply | Refusal:
        """Make the one-time code that a hall shows."""
        if set(body.items) - set(self._rules.items):
            return Refusal("ECARD-ITEM-UNKNOWN")
        login_id, code, now = secrets.token_hex(16), f"HALL{secrets.token_hex(16).upper()}", self._clock.now()
        with self._lock:
            kept = [entry for entry in self._logins.items() if entry[1].until + AUTHORISED_FOR > now]
            self._logins = dict(kept[-_MOST_LOGINS:])
            self._logins[login_id] = _Login(body, _digest(code), now + CODE_LIFE)
        return EcardLoginCodeReply(login_id=login_id, code=code, valid_until=now + CODE_LIFE)

    def login(self, body: EcardLoginQueryBody) -> EcardLoginReply | Refusal:
        """Tell the device that asked where its login stands; what was confirmed is given once."""
        with self._lock:
            found = self._mine(body)
            if found is None:
                return Refusal("ECARD-LOGIN-UNKNOWN")
            if found.state == "confirmed":
                del self._logins[body.login_id]
        return EcardLoginReply(state=self._now(found), ecard=found.ecard)

    def cancel(self, body: EcardLoginQueryBody) -> EcardLoginReply | Refusal:
        """End a login of the device that asked, also one that was confirmed and not fetched."""
        with self._lock:
            if self._mine(body) is None:
                return Refusal("ECARD-LOGIN-UNKNOWN")
            del self._logins[body.login_id]
        return EcardLoginReply(state="cancelled", ecard=None)

    def asked(self, code: str) -> tuple[str, EcardLoginBody] | None:
        """Return what a hall's code asks for, as the phone lists it, with its login; None when it is none or old."""
        digest = _digest(code)
        with self._lock:
            for login_id, login in self._logins.items():
                if login.code_digest == digest and self._now(login) == "waiting":
                    return login_id, login.asked
        return None

    def answer(self, card_id: str, login_id: str, confirmed: bool) -> Refusal | None:
        """Take the holder's word from the phone; ECARD-LOGIN-UNKNOWN, ECARD-PAUSED, ECARD-STOPPED."""
        with self._lock:
            login = self._logins.get(login_id)
            if login is None or self._now(login) != "waiting":
                return Refusal("ECARD-LOGIN-UNKNOWN")
            if not confirmed:
                self._logins[login_id] = replace(login, state="declined")
                return None
            given = self.authorise(card_id, tuple(login.asked.items), login.asked.purpose)
            if isinstance(given, Refusal):
                return given
            found = self._verified(card_id, login.asked.purpose, given)
            if isinstance(found, Refusal):
                return found
            self._logins[login_id] = replace(login, state="confirmed", ecard=found)
        return None

    def _mine(self, body: EcardLoginQueryBody) -> _Login | None:
        found = self._logins.get(body.login_id)
        return found if found is not None and found.asked.device == body.device else None

    def _now(self, login: _Login) -> str:
        return "expired" if login.state == "waiting" and login.until <= self._clock.now() else login.state

    def _newest(self, card_id: str, now: datetime) -> EcardAuthorisationReply | None:
        with self._lock:
            mine = [given for whose, given in self._given.values() if whose == card_id and given.valid_until > now]
        return mine[-1] if mine else None

    def _verified(
        self, card_id: str, purpose: str, given: EcardAuthorisationReply | None
    ) -> EcardVerifiedReply | Refusal:
        with self._engine.begin() as connection:
            card = card_by_id(connection, self._maps, card_id)
            if card is None:
                return Refusal("ECARD-CODE-UNKNOWN")
            use = self._rules.use(card.social)
            if use in _REFUSED:
                return Refusal(_REFUSED[use])
            if use is EcardUse.OWN_AUTHORISATION and given is None:
                return Refusal("ECARD-NOT-AUTHORISED")
            self._note(connection, card, purpose)
            name = connection.execute(select(PERSONS.c.name).where(PERSONS.c.id == card.person_key)).scalar_one()
        number = ecard_number(card_id)
        self._numbers[number] = card_id
        return EcardVerifiedReply(
            result_id=secrets.token_hex(16),
            ecard_number=number,
            use=use.value,
            name=name,
            citizen_number=card.citizen_number,
            card_id=card_id,
            authorisation=given,
            at=self._clock.now(),
        )

    def _note(self, connection: Connection, card: CardRecord, purpose: str) -> None:
        values = {"person_id": card.person_key, "purpose": purpose, "at": stamp(self._clock.now())}
        connection.execute(insert(LOOKUPS).values(values))


def ecard_number(card_id: str) -> str:
    """Return the e-card's number (32 hex digits) of a fictional card."""
    return hashlib.sha256(f"e-card {card_id}".encode()).hexdigest()[:32]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
