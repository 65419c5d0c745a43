"""电子证照 of fictional holders: listed, given as a document, and checked by the code that a telephone shows."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select

from app.catalogue.tables import read_table, string, table
from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.licence_models import (
    LicenceBody,
    LicenceCheckBody,
    LicenceCheckReply,
    LicenceDocumentReply,
    LicenceQueryBody,
    LicenceReply,
    LicencesReply,
)
from app.training.schema import CARDS, LOOKUPS, PERSONS
from app.training.store import stamp
from app.training.whom import find

_FILE = "licences.toml"
_CODE_LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class LicenceKind:
    """One line of the table."""

    title: str
    issuer: str


@cache
def kinds() -> Mapping[str, LicenceKind]:
    """Load `resources/training/licences.toml`; raises TableError."""
    found = {name: table(row, name) for name, row in read_table("training", _FILE).items()}
    return {
        name: LicenceKind(string(row.get("title"), _FILE), string(row.get("issuer"), _FILE))
        for name, row in found.items()
    }


class LicenceDesk:
    """Refusals: CARD-UNKNOWN, HOLDER-UNKNOWN, LICENCE-UNKNOWN. Codes live in memory, as digests, for a minute."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[str, datetime]] = {}

    def licences(self, body: LicenceQueryBody) -> LicencesReply | Refusal:
        """List a person's licences."""
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            self._note(connection, card.person_key, body.purpose)
            row = _holder(connection, PERSONS.c.id == card.person_key)
        return LicencesReply(licences=[] if row is None else [_licence(row, kind) for kind in kinds()])

    def document(self, body: LicenceBody) -> LicenceDocumentReply | Refusal:
        """Give a licence as a document: plain text here, where a province has OFD."""
        with self._engine.begin() as connection:
            found = _by_id(connection, body.licence_id)
            if found is None:
                return Refusal("LICENCE-UNKNOWN")
            row, licence = found
            self._note(connection, row["person_id"], body.purpose)
        text = f"{licence.title}\n{row['name']}\n{licence.issuer}\n{licence.issued.isoformat()}\n".encode()
        content = base64.b64encode(text).decode()
        return LicenceDocumentReply(
            licence_id=body.licence_id, media_type="text/plain; charset=utf-8", content=content, sm3=sm3_hex(text)
        )

    def show(self, licence_id: str) -> str | None:
        """Make the code that a trainee's telephone shows for a minute; None for an unknown licence."""
        with self._engine.begin() as connection:
            if _by_id(connection, licence_id) is None:
                return None
        code, now = f"LIC{secrets.token_hex(16).upper()}", self._clock.now()
        with self._lock:
            self._codes = {digest: kept for digest, kept in self._codes.items() if kept[1] > now}
            self._codes[_digest(code)] = (licence_id, now + _CODE_LIFE)
        return code

    def check(self, body: LicenceCheckBody) -> LicenceCheckReply:
        """Tell what a scanned code shows; each code once. Reasons: LICENCE-CODE-UNKNOWN, LICENCE-CODE-OLD."""
        now = self._clock.now()
        with self._lock:
            licence_id, until = self._codes.pop(_digest(body.code), (None, now))
        reason = "LICENCE-CODE-UNKNOWN" if licence_id is None else "LICENCE-CODE-OLD" if until <= now else None
        if licence_id is None or reason is not None:
            return LicenceCheckReply(valid=False, reason=reason, licence=None, holder=None, at=now)
        with self._engine.begin() as connection:
            found = _by_id(connection, licence_id)
            if found is None:
                return LicenceCheckReply(valid=False, reason="LICENCE-CODE-UNKNOWN", licence=None, holder=None, at=now)
            row, licence = found
            self._note(connection, row["person_id"], body.purpose)
        masked = row["name"][:1] + "*" * (len(row["name"]) - 1)
        return LicenceCheckReply(valid=True, reason=None, licence=licence, holder=masked, at=now)

    def _note(self, connection: Connection, person: int, purpose: str) -> None:
        values = {"person_id": person, "purpose": purpose, "at": stamp(self._clock.now())}
        connection.execute(insert(LOOKUPS).values(values))


def _holder(connection: Connection, where: ColumnElement[bool]) -> RowMapping | None:
    query = (
        select(PERSONS.c.name, PERSONS.c.person_ref, CARDS.c.person_id, CARDS.c.issued)
        .join(CARDS, CARDS.c.person_id == PERSONS.c.id)
        .where(where, CARDS.c.issued.is_not(None))
        .order_by(CARDS.c.id.desc())
    )
    return connection.execute(query).mappings().first()


def _by_id(connection: Connection, licence_id: str) -> tuple[RowMapping, LicenceReply] | None:
    reference, _, kind = licence_id.partition("-")
    row = _holder(connection, PERSONS.c.person_ref == reference) if kind in kinds() else None
    return None if row is None else (row, _licence(row, kind))


def _licence(row: RowMapping, kind: str) -> LicenceReply:
    about = kinds()[kind]
    return LicenceReply(
        licence_id=f"{row['person_ref']}-{kind}",
        kind=kind,
        title=about.title,
        issuer=about.issuer,
        issued=row["issued"],
    )


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
