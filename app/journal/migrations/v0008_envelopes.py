"""Names and numbers of persons are stored in envelopes, and found by keyed tokens. Never edited again.

Old rows are sealed here, in the transaction that changes the tables: a kill leaves them as they were. A sealed column
that was never to change may from now on change to an envelope under a younger key, and to nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from alembic import op
from sqlalchemy import ColumnClause, Connection, Row, insert, select, text, update
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from app.journal.data_keys import DataKeys
from app.journal.digest import DerivedKeys
from app.journal.envelope import Place, SealingKey, seal
from app.journal.search_tokens import Findable, tokens_of

TABLES = (
    """CREATE TABLE data_key (
        key_id INTEGER PRIMARY KEY NOT NULL CHECK (key_id > 0),
        state TEXT NOT NULL CHECK (state IN ('active', 'retiring', 'destroyed')), wrapped BLOB, made_at TEXT NOT NULL,
        destroyed_at TEXT, CHECK ((wrapped IS NULL) = (state = 'destroyed')),
        CHECK ((destroyed_at IS NULL) = (state <> 'destroyed'))) STRICT""",
    "CREATE UNIQUE INDEX data_key_active ON data_key (state) WHERE state = 'active'",
    """CREATE TRIGGER data_key_no_delete BEFORE DELETE ON data_key
        BEGIN SELECT RAISE(ABORT, 'a key is never deleted, it is destroyed'); END""",
    """CREATE TRIGGER data_key_stays_destroyed BEFORE UPDATE ON data_key WHEN OLD.state = 'destroyed'
        BEGIN SELECT RAISE(ABORT, 'a destroyed key never comes back'); END""",
    """CREATE TABLE search_index (
        kind TEXT NOT NULL, token BLOB NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (kind, token, ref))
        STRICT, WITHOUT ROWID""",
)

INDEX = sql_table("search_index", sql_column("kind"), sql_column("token"), sql_column("ref"))

COLUMNS = (
    ("operation", "payload", True, "TRUE"),
    ("delivery", "message", False, "OLD.answered_at IS NOT NULL"),
    ("task", "message", False, "FALSE"),
    ("task", "note", False, "FALSE"),
    ("two_person_task", "note", False, "OLD.closed_at IS NOT NULL"),
    ("saga", "input", True, "TRUE"),
    ("receipt", "pdf", True, "TRUE"),
)
"""Table, column, whether a value must be there, and when it stays what it is."""

# What these forbade as a whole is forbidden column by column below.
DROPPED = ("operation_no_update", "delivery_answered_once", "saga_keeps_its_definition", "saga_ends_once",
           "two_person_task_closes_once")  # fmt: skip

FROZEN = (
    ("operation", "operation_no_update", None, "an operation is never rewritten"),
    ("delivery", "delivery_answered_once", "OLD.answered_at IS NOT NULL", "an answered delivery stays"),
    ("saga", "saga_ends_once", "OLD.ended_at IS NOT NULL", "an ended saga stays"),
    ("two_person_task", "two_person_task_closes_once", "OLD.closed_at IS NOT NULL", "a closed task stays"),
)
"""Table, trigger, when, and what it says; of every column that is not sealed."""

DEFINITION = """CREATE TRIGGER saga_keeps_its_definition
    BEFORE UPDATE OF saga_id, name, def_version, order_key, started_by, started_at ON saga
    BEGIN SELECT RAISE(ABORT, 'a saga keeps what it began with'); END"""


def upgrade() -> None:
    """Make key and index, seal what is there, and guard it."""
    connection = op.get_bind()
    keys: DerivedKeys = op.get_context().opts["keys"]
    for statement in TABLES:
        op.execute(statement)
    data_keys = DataKeys(connection, keys.data_key_wrap)
    data_keys.make(datetime.now(UTC).isoformat(timespec="microseconds"))
    _index(connection, keys.search_index)
    for name in DROPPED:
        op.execute(f"DROP TRIGGER {name}")
    for table, column, needed, stays in COLUMNS:
        _seal(connection, data_keys.active(), table, column, needed)
        op.execute(_only_younger(table, column, stays))
    for table, name, when, words in FROZEN:
        op.execute(_frozen(connection, table, name, when, words))
    op.execute(DEFINITION)


def _seal(connection: Connection, key: SealingKey, table: str, column: str, needed: bool) -> None:
    parts = [row.name for row in _columns(connection, table) if row.pk]
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO clear_{column}")
    default = " NOT NULL DEFAULT x''" if needed else ""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BLOB{default}")
    rowid: ColumnClause[int] = sql_column("rowid")
    clear: ColumnClause[str | bytes] = sql_column(f"clear_{column}")
    rows = sql_table(table, rowid, clear, *map(sql_column, parts), sql_column(column))
    # One by one: a receipt is large, and all of them together need not fit into memory.
    for number in connection.execute(select(rowid).select_from(rows).where(clear.is_not(None))).scalars().all():
        value, *keys = connection.execute(select(clear, *(rows.c[part] for part in parts)).where(rowid == number)).one()
        sealed = seal(key, Place(table, tuple(map(str, keys)), column), _bytes(value))
        connection.execute(update(rows).where(rowid == number).values({column: sealed}))
    op.execute(f"ALTER TABLE {table} DROP COLUMN clear_{column}")


def _bytes(clear: str | bytes) -> bytes:
    return clear.encode() if isinstance(clear, str) else clear


def _columns(connection: Connection, table: str) -> Sequence[Row[tuple[object, ...]]]:
    return connection.execute(text(f"PRAGMA table_info({table})")).all()


def _index(connection: Connection, key: bytes) -> None:
    """Make what is there findable; an operation's saga knows its holder's name."""
    found = connection.execute(
        text(
            "SELECT op_id, acceptance_no, payload, input"
            " FROM operation LEFT JOIN saga ON saga_id = op_id ORDER BY op_id"
        )
    ).all()
    for row in found:
        payload, given = json.loads(row.payload), json.loads(row.input or "{}")
        numbers = payload.get("citizen_number"), payload.get("card_number"), given.get("account")
        findable = Findable.of((given.get("holder"),), numbers)
        for kind, token in tokens_of(key, findable, row.acceptance_no):
            connection.execute(insert(INDEX).values(kind=kind.value, token=token, ref=row.op_id))


def _only_younger(table: str, column: str, stays: str) -> str:
    """Let an envelope be replaced only by one under a younger key: bytes 2 to 5 are the key's number."""
    return f"""CREATE TRIGGER {table}_{column}_only_sealed_anew BEFORE UPDATE OF {column} ON {table}
        WHEN {stays} AND OLD.{column} IS NOT NULL AND (NEW.{column} IS NULL
            OR length(NEW.{column}) <> length(OLD.{column})
            OR substr(NEW.{column}, 2, 4) <= substr(OLD.{column}, 2, 4))
        BEGIN SELECT RAISE(ABORT, 'an envelope is never rewritten, only sealed anew'); END"""


def _frozen(connection: Connection, table: str, name: str, when: str | None, words: str) -> str:
    sealed = {column for owner, column, *_rest in COLUMNS if owner == table}
    columns = ", ".join(row.name for row in _columns(connection, table) if row.name not in sealed)
    condition = f" WHEN {when}" if when else ""
    return f"""CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON {table}{condition}
        BEGIN SELECT RAISE(ABORT, '{words}'); END"""
