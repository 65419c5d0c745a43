"""What other departments have on file of a fictional holder: drawn from the person's reference, the same each time."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine, insert, select

from app.catalogue.tables import number, read_table, string, strings, table
from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.entry_models import (
    EntriesReply,
    EntryKindReply,
    EntryKindsReply,
    EntryQueryBody,
    EntryReply,
    FieldReply,
)
from app.training.schema import LOOKUPS, PERSONS
from app.training.store import stamp
from app.training.whom import find

_FILE = "entries.toml"
_MOST = 3


@dataclass(frozen=True)
class EntryKind:
    """One line of the table; `share` of a hundred holders have entries."""

    title: str
    department: str
    share: int
    away: bool
    fields: Mapping[str, tuple[str, ...]]


@cache
def kinds() -> Mapping[str, EntryKind]:
    """Load `resources/training/entries.toml`; raises TableError."""
    return {name: _kind(table(row, name)) for name, row in read_table("training", _FILE).items()}


class EntryDesk:
    """Refusals: CARD-UNKNOWN, HOLDER-UNKNOWN, ENTRY-KIND-UNKNOWN."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def kinds(self) -> EntryKindsReply:
        """Return the catalogue."""
        return EntryKindsReply(
            kinds=[
                EntryKindReply(kind=name, title=kind.title, department=kind.department)
                for name, kind in kinds().items()
            ]
        )

    def entries(self, body: EntryQueryBody) -> EntriesReply | Refusal:
        """Return a person's entries of one kind, and log the purpose."""
        kind, now = kinds().get(body.kind), self._clock.now()
        if kind is None:
            return Refusal("ENTRY-KIND-UNKNOWN")
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            noted = {"person_id": card.person_key, "purpose": body.purpose, "at": stamp(now)}
            connection.execute(insert(LOOKUPS).values(noted))
            mine = select(PERSONS.c.person_ref).where(PERSONS.c.id == card.person_key)
            reference = connection.execute(mine).scalar_one()
        return EntriesReply(
            kind=body.kind,
            department=kind.department,
            available=not kind.away,
            entries=_drawn(kind, f"{reference} {body.kind}"),
            as_of=now,
        )


def _drawn(kind: EntryKind, reference: str) -> list[EntryReply]:
    draw = random.Random(hashlib.sha256(reference.encode()).digest())  # noqa: S311 - nobody's entries
    if kind.away or draw.randrange(100) >= kind.share:
        return []
    return [
        EntryReply(
            title=kind.title,
            fields=[FieldReply(label=label, value=draw.choice(values)) for label, values in kind.fields.items()],
        )
        for _ in range(draw.randrange(1, _MOST + 1))
    ]


def _kind(row: Mapping[str, object]) -> EntryKind:
    fields = table(row.get("fields"), _FILE)
    return EntryKind(
        title=string(row.get("title"), _FILE),
        department=string(row.get("department"), _FILE),
        share=number(row.get("share"), _FILE),
        away=row.get("away") is True,
        fields={label: strings(values, _FILE) for label, values in fields.items()},
    )
