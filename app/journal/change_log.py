"""Which rows have changed since they were copied to a second place: noted by triggers, in the transaction itself.

Only table, key and time are noted; the copier reads the rows as they are when it comes to them. Nothing is noted while
the journal has no second place, which is the one row of `second_place`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import INTEGER, REAL, TEXT, Column, Connection, Table, delete, func, insert, select, update

from app.journal.tables import METADATA

CHANGED = Table(
    "changed",
    METADATA,
    Column("n", INTEGER, primary_key=True, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("row_key", TEXT, nullable=False),
    # Seconds since 1970, by the system's clock.
    Column("at", REAL, nullable=False),
)

SECOND_PLACE = Table(
    "second_place",
    METADATA,
    Column("one", INTEGER, primary_key=True, nullable=False),
    # The copy that is whole, its last segment, and how many bytes of that are kept for sure; 0 for none yet.
    Column("generation", INTEGER, nullable=False),
    Column("segment", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("schema_ver", INTEGER, nullable=False),
)

NOT_COPIED: Mapping[str, str] = {
    "changed": "it says what is to be copied",
    "second_place": "it says how far the copy is",
}
"""Tables that stay here, and why."""
_PREFIX = "changed_"


@dataclass(frozen=True)
class CopiedTable:
    """A table as it is copied: its stored columns, and what names a row."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Position:
    """How far a second place has everything: the last segment of a whole copy, and its size in bytes."""

    generation: int
    segment: int
    size: int
    schema_ver: int


@dataclass(frozen=True)
class CopyLag:
    """What the second place does not have yet: changes of rows, and the age of the oldest."""

    rows: int
    age_s: float
    whole: bool
    """Whether there is a whole copy at all."""


def copied_tables(connection: Connection) -> tuple[CopiedTable, ...]:
    """Return every table of the file but those of NOT_COPIED."""
    found = connection.exec_driver_sql(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
    ).all()
    return tuple(
        _table(connection, name, bool(without_rowid))
        for name, without_rowid in found
        if name not in NOT_COPIED and not name.startswith("sqlite_")
    )


def make_triggers(connection: Connection) -> None:
    """Make the triggers of every table anew, as the tables are now."""
    old = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    for name in old:
        if name.startswith(_PREFIX):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for table in copied_tables(connection):
        for act, row in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
            connection.exec_driver_sql(_trigger(table, act, row))


def lag(connection: Connection, now: float) -> CopyLag | None:
    """Return what is not copied yet; None where there is no second place. `now` in seconds since 1970."""
    position = read_position(connection)
    if position is None:
        return None
    rows, oldest = connection.execute(select(func.count(), func.min(CHANGED.c.at))).one()
    return CopyLag(rows, max(now - oldest, 0.0) if rows else 0.0, position.generation > 0)


def read_position(connection: Connection) -> Position | None:
    """Return how far the second place is; None where there is none."""
    row = connection.execute(select(SECOND_PLACE)).first()
    return None if row is None else Position(row.generation, row.segment, row.size, row.schema_ver)


def begin(connection: Connection) -> None:
    """Note changes from now on."""
    if read_position(connection) is None:
        connection.execute(insert(SECOND_PLACE).values(one=1, generation=0, segment=0, size=0, schema_ver=0))


def end(connection: Connection) -> None:
    """Note nothing any more: there is no second place."""
    connection.execute(delete(SECOND_PLACE))
    connection.execute(delete(CHANGED))


def copy_anew(connection: Connection) -> None:
    """Have the next copy be a generation of its own, and what was deleted here be gone from there too."""
    connection.execute(update(SECOND_PLACE).values(schema_ver=0))


def copied(connection: Connection, upto: int, position: Position) -> None:
    """Forget the changes up to a number: the second place has them."""
    connection.execute(delete(CHANGED).where(CHANGED.c.n <= upto))
    connection.execute(update(SECOND_PLACE).values(vars(position)))


def changes(connection: Connection) -> tuple[int, Mapping[str, tuple[str, ...]]]:
    """Return the number of the last change, 0 for none, and the keys of the changed rows by table."""
    last = connection.scalar(select(func.max(CHANGED.c.n))) or 0
    keys: dict[str, dict[str, None]] = {}
    for row in connection.execute(select(CHANGED.c.name, CHANGED.c.row_key).order_by(CHANGED.c.n)):
        keys.setdefault(row.name, {})[row.row_key] = None
    return last, {name: tuple(found) for name, found in keys.items()}


def last_change(connection: Connection) -> int:
    """Return the number of the last change that was ever noted."""
    return int(
        connection.exec_driver_sql(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changed'"
        ).scalar_one()
    )


def _table(connection: Connection, name: str, without_rowid: bool) -> CopiedTable:
    # What is hidden is computed from the rest.
    columns: list[tuple[str, int]] = [
        (column, place)
        for column, place in connection.exec_driver_sql(
            "SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0", (name,)
        )
    ]
    keyed = sorted((place, column) for column, place in columns if place)
    key = tuple(column for _place, column in keyed) if without_rowid else ("rowid",)
    return CopiedTable(name, tuple(column for column, _place in columns), key)


def _trigger(table: CopiedTable, act: str, row: str) -> str:
    key = " || ',' || ".join(f'quote({row}."{column}")' for column in table.key)
    # Whether a session is on is a matter of this machine, and would leave a row behind at each end.
    session = f" AND {row}.key <> 'session'" if table.name == "meta" else ""
    return f"""CREATE TRIGGER "{_PREFIX}{table.name}_{act}" AFTER {act.upper()} ON "{table.name}"
        WHEN EXISTS (SELECT 1 FROM second_place){session}
        BEGIN INSERT INTO changed (name, row_key, at) VALUES ('{table.name}', {key}, unixepoch('subsec')); END"""  # noqa: S608 - names of the file's own tables
