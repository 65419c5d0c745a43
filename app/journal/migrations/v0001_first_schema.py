"""The first schema. Never edited again: the next change is a step of its own."""

from __future__ import annotations

from alembic import op

TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT",
    "CREATE TABLE counter (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL) STRICT",
    """CREATE TABLE person (
        person_ref TEXT PRIMARY KEY NOT NULL, citizen_index TEXT NOT NULL UNIQUE, province_ref TEXT) STRICT""",
    """CREATE TABLE operation (
        op_id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, order_key TEXT NOT NULL,
        payload TEXT NOT NULL, payload_sm3 TEXT NOT NULL,
        occurred_at TEXT NOT NULL, occurred_mono REAL NOT NULL, boot_id TEXT NOT NULL,
        clerk TEXT NOT NULL, acceptance_no TEXT NOT NULL, base_version INTEGER, schema_ver INTEGER NOT NULL) STRICT""",
    """CREATE TABLE delivery (
        op_id TEXT NOT NULL REFERENCES operation (op_id), destination TEXT NOT NULL, device_seq INTEGER NOT NULL,
        order_key TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'applied', 'rejected', 'conflict')),
        attempts INTEGER NOT NULL, hold_boot TEXT, hold_until REAL, reason TEXT, message TEXT, effect_at TEXT,
        answered_at TEXT,
        PRIMARY KEY (op_id, destination), UNIQUE (destination, device_seq),
        CHECK ((answered_at IS NULL) = (state IN ('queued', 'sending')))) STRICT""",
    """CREATE TABLE audit (
        n INTEGER PRIMARY KEY NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, op_id TEXT,
        result TEXT NOT NULL, detail TEXT NOT NULL, prev_sm3 TEXT NOT NULL, sm3 TEXT NOT NULL) STRICT""",
    """CREATE TABLE audit_head (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), n INTEGER NOT NULL, sm3 TEXT NOT NULL) STRICT""",
    """CREATE TABLE world_step (
        op_id TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('intended', 'done', 'failed', 'unknown')),
        evidence TEXT, at TEXT NOT NULL, PRIMARY KEY (op_id, step, attempt)) STRICT""",
    """CREATE TABLE receipt (
        job_id TEXT PRIMARY KEY NOT NULL, op_id TEXT NOT NULL, title TEXT NOT NULL, pdf BLOB NOT NULL,
        pdf_sm3 TEXT NOT NULL, created_at TEXT NOT NULL) STRICT""",
    """CREATE TABLE print_job (
        job_id TEXT NOT NULL REFERENCES receipt (job_id), copy INTEGER NOT NULL, state TEXT NOT NULL, spool_id TEXT,
        at TEXT NOT NULL, PRIMARY KEY (job_id, copy)) STRICT""",
    """CREATE TABLE task (
        op_id TEXT NOT NULL, destination TEXT NOT NULL, reason TEXT NOT NULL, message TEXT, next_action TEXT NOT NULL,
        since TEXT NOT NULL, closed_at TEXT, closed_by TEXT, note TEXT,
        PRIMARY KEY (op_id, destination),
        FOREIGN KEY (op_id, destination) REFERENCES delivery (op_id, destination)) STRICT""",
    """CREATE TABLE visit (
        visit_id TEXT PRIMARY KEY NOT NULL, ticket TEXT, window TEXT NOT NULL, clerk TEXT NOT NULL,
        person_ref TEXT REFERENCES person (person_ref), state TEXT NOT NULL, started_at TEXT NOT NULL,
        ended_at TEXT) STRICT""",
    "CREATE TABLE draft (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL) STRICT",
)

INDEXES = (
    "CREATE INDEX delivery_open ON delivery (destination, device_seq) WHERE answered_at IS NULL",
    "CREATE INDEX delivery_open_by_key ON delivery (destination, order_key, device_seq) WHERE answered_at IS NULL",
    "CREATE INDEX task_open ON task (since) WHERE closed_at IS NULL",
    "CREATE INDEX world_step_open ON world_step (op_id) WHERE state IN ('intended', 'unknown')",
    "CREATE INDEX receipt_by_operation ON receipt (op_id)",
    "CREATE INDEX visit_open ON visit (started_at) WHERE ended_at IS NULL",
)

TRIGGERS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    """CREATE TRIGGER operation_no_update BEFORE UPDATE ON operation
        BEGIN SELECT RAISE(ABORT, 'an operation is never rewritten'); END""",
    """CREATE TRIGGER operation_no_delete BEFORE DELETE ON operation
        BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END""",
    """CREATE TRIGGER delivery_no_delete BEFORE DELETE ON delivery
        BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END""",
    """CREATE TRIGGER delivery_no_renumber BEFORE UPDATE OF op_id, destination, device_seq, order_key ON delivery
        BEGIN SELECT RAISE(ABORT, 'a delivery keeps its number'); END""",
    """CREATE TRIGGER delivery_answered_once BEFORE UPDATE ON delivery WHEN OLD.answered_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'an answered delivery stays'); END""",
    """CREATE TRIGGER counter_only_rises BEFORE UPDATE ON counter WHEN NEW.value <= OLD.value
        BEGIN SELECT RAISE(ABORT, 'a counter only rises'); END""",
)


def upgrade() -> None:
    """Make every table, index and trigger."""
    for statement in (*TABLES, *INDEXES, *TRIGGERS):
        op.execute(statement)
