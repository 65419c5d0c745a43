"""Two audit chains in one row, their keys, and the anchors. Never edited again: the next change is a step of its own.

Rows of the first schema are not rewritten: their table gets a name of its own and stays as it is. `audit_start` is the
marker between: it holds the last row's number and HMAC as the old head had them, and a plain SM3 over all old rows,
from which the new chain goes on. So the first anchor covers them too.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from app.journal.audit_v1 import FIRST_PREVIOUS, seal

BEFORE = (
    "DROP TRIGGER audit_no_update",
    "DROP TRIGGER audit_no_delete",
    "ALTER TABLE audit RENAME TO audit_v1",
    """CREATE TRIGGER audit_v1_no_insert BEFORE INSERT ON audit_v1
        BEGIN SELECT RAISE(ABORT, 'these rows never change'); END""",
    """CREATE TRIGGER audit_v1_no_update BEFORE UPDATE ON audit_v1
        BEGIN SELECT RAISE(ABORT, 'these rows never change'); END""",
    """CREATE TRIGGER audit_v1_no_delete BEFORE DELETE ON audit_v1
        BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END""",
)

# A row that somebody spoilt must not stop whoever lists the others.
READ_OUT = ", ".join(
    f"{name} TEXT GENERATED ALWAYS AS (iif(json_valid(entry), json_extract(entry, '$.{name}'), NULL)) VIRTUAL"
    for name in ("at", "actor", "event", "op_id", "result", "detail")
)

TABLES = (
    f"""CREATE TABLE audit (
        n INTEGER PRIMARY KEY NOT NULL, entry TEXT NOT NULL, sm3 BLOB NOT NULL, tag BLOB NOT NULL,
        {READ_OUT}) STRICT""",
    """CREATE TABLE audit_start (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), n INTEGER NOT NULL, v1_sm3 TEXT NOT NULL,
        sm3 BLOB NOT NULL) STRICT""",
    "DROP TABLE audit_head",
    """CREATE TABLE audit_head (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), n INTEGER NOT NULL, sm3 BLOB NOT NULL) STRICT""",
    """CREATE TABLE audit_key (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), epoch INTEGER NOT NULL, key BLOB NOT NULL,
        first_key BLOB) STRICT""",
    """CREATE TABLE device_key (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), private BLOB NOT NULL, public BLOB NOT NULL,
        province_key BLOB) STRICT""",
    """CREATE TABLE anchor (
        incarnation TEXT NOT NULL, n INTEGER NOT NULL, device TEXT NOT NULL, anchor_no INTEGER NOT NULL,
        sm3 TEXT NOT NULL, at TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (incarnation, n)) STRICT""",
)

TRIGGERS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    """CREATE TRIGGER audit_start_no_update BEFORE UPDATE ON audit_start
        BEGIN SELECT RAISE(ABORT, 'the chain never starts again'); END""",
    """CREATE TRIGGER audit_start_no_delete BEFORE DELETE ON audit_start
        BEGIN SELECT RAISE(ABORT, 'the chain never starts again'); END""",
    """CREATE TRIGGER anchor_no_update BEFORE UPDATE ON anchor
        BEGIN SELECT RAISE(ABORT, 'an anchor is never rewritten'); END""",
    """CREATE TRIGGER anchor_no_delete BEFORE DELETE ON anchor
        BEGIN SELECT RAISE(ABORT, 'an anchor is never deleted'); END""",
)


def upgrade() -> None:
    """Close the old rows and start the new chain behind them."""
    connection = op.get_bind()
    head = connection.execute(text("SELECT n, sm3 FROM audit_head")).first()
    number, last = (0, FIRST_PREVIOUS) if head is None else (int(head.n), str(head.sm3))
    for statement in (*BEFORE, *TABLES, *TRIGGERS):
        op.execute(statement)
    sealed = seal(connection)
    connection.execute(
        text("INSERT INTO audit_start (one, n, v1_sm3, sm3) VALUES (1, :n, :last, :sm3)"),
        {"n": number, "last": last, "sm3": sealed},
    )
    connection.execute(
        text("INSERT INTO audit_head (one, n, sm3) VALUES (1, :n, :sm3)"),
        {"n": number, "sm3": sealed},
    )
