"""Which counters of requests were seen: each key's highest, and those just below it (after RFC 4303 3.4.3).

In a file of its own that is not synced at each request: what a killed process wrote is there, and after a power cut the
window of time keeps old requests out.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path

from sqlalchemy import URL, Column, Connection, Integer, MetaData, Table, Text, create_engine, select
from sqlalchemy.dialects.sqlite import insert as upsert

FILE_NAME = "training-line.sqlite"

_METADATA = MetaData()
_COUNTERS = Table(
    "line_counters",
    _METADATA,
    Column("key_id", Text, primary_key=True),
    Column("highest", Integer, nullable=False),
    Column("seen", Text, nullable=False),
)


class Seen(Enum):
    """What a counter is to the province."""

    NEW = auto()
    BEFORE = auto()
    BEHIND = auto()
    """Too far below the highest to tell."""


class LineCounters:
    """Used by one thread, the server's loop."""

    def __init__(self, connection: Connection, behind: int) -> None:
        self._connection = connection
        self._behind = behind
        self._known: dict[str, tuple[int, int]] = {}

    @classmethod
    def open(cls, data_dir: Path, behind: int) -> LineCounters:
        """Open or create the file below a folder; raises SQLAlchemy's DatabaseError when it is no database."""
        engine = create_engine(URL.create("sqlite", database=str(data_dir / FILE_NAME)), isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        _METADATA.create_all(connection)
        counters = cls(connection, behind)
        for row in connection.execute(select(_COUNTERS)):
            counters._known[row.key_id] = (row.highest, int(row.seen, 16))
        return counters

    def close(self) -> None:
        """Close the file."""
        engine = self._connection.engine
        self._connection.close()
        engine.dispose()

    def highest(self, key_id: str) -> int:
        """Return the highest counter that was taken."""
        return self._known.get(key_id, (0, 0))[0]

    def take(self, key_id: str, counter: int) -> Seen:
        """Take a counter; a new one is kept before this returns."""
        highest, seen = self._known.get(key_id, (0, 0))
        below = highest - counter
        if below >= self._behind:
            return Seen.BEHIND
        if below >= 0:
            if seen >> below & 1:
                return Seen.BEFORE
            seen |= 1 << below
        else:
            # Bit n stands for the highest less n.
            seen = (seen << min(-below, self._behind) | 1) & (1 << self._behind) - 1
            highest = counter
        self._known[key_id] = (highest, seen)
        values = {"highest": highest, "seen": f"{seen:x}"}
        statement = upsert(_COUNTERS).values(key_id=key_id, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[_COUNTERS.c.key_id], set_=values))
        return Seen.NEW
