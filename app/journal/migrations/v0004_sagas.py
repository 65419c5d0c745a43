"""Sagas take the place of single steps in the world: each old step becomes a saga of one step."""

from __future__ import annotations

from alembic import op

TABLES = (
    """CREATE TABLE saga (
        saga_id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, def_version INTEGER NOT NULL, order_key TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'undoing', 'two_persons', 'done', 'undone', 'left')),
        input TEXT NOT NULL, started_by TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, hold_boot TEXT,
        hold_until REAL, CHECK ((ended_at IS NULL) = (state IN ('running', 'undoing', 'two_persons')))) STRICT""",
    """CREATE TABLE saga_step (
        saga_id TEXT NOT NULL REFERENCES saga (saga_id), n INTEGER NOT NULL,
        act TEXT NOT NULL CHECK (act IN ('do', 'undo')), attempt INTEGER NOT NULL CHECK (attempt > 0),
        step TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('intended', 'done', 'not_done', 'failed', 'unknown', 'compensated')),
        idem_key TEXT NOT NULL, intent_at TEXT NOT NULL, ended_at TEXT, told_by TEXT, asks INTEGER NOT NULL,
        evidence TEXT NOT NULL, evidence_sm3 TEXT NOT NULL,
        PRIMARY KEY (saga_id, n, act, attempt),
        CHECK ((ended_at IS NULL) = (state IN ('intended', 'unknown')))) STRICT""",
    """CREATE TABLE two_person_task (
        saga_id TEXT NOT NULL REFERENCES saga (saga_id), n INTEGER NOT NULL, act TEXT NOT NULL,
        attempt INTEGER NOT NULL, question TEXT NOT NULL CHECK (question IN ('happened', 'may_begin')),
        step TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL, closed_at TEXT, first_person TEXT,
        second_person TEXT, verdict TEXT CHECK (verdict IN ('yes', 'no')), note TEXT,
        PRIMARY KEY (saga_id, n, act, attempt, question),
        CHECK ((closed_at IS NULL) = (verdict IS NULL)),
        CHECK (closed_at IS NULL OR (first_person IS NOT NULL AND second_person IS NOT NULL
            AND first_person <> second_person))) STRICT""",
)

INDEXES = (
    # One saga at a time for a person or a batch, whatever a program forgets to ask.
    "CREATE UNIQUE INDEX saga_open_by_key ON saga (order_key) WHERE ended_at IS NULL",
    "CREATE INDEX two_person_task_open ON two_person_task (since) WHERE closed_at IS NULL",
)

TRIGGERS = (
    """CREATE TRIGGER saga_no_delete BEFORE DELETE ON saga
        BEGIN SELECT RAISE(ABORT, 'a saga is never deleted'); END""",
    """CREATE TRIGGER saga_ends_once BEFORE UPDATE ON saga WHEN OLD.ended_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'an ended saga stays'); END""",
    """CREATE TRIGGER saga_keeps_its_definition
        BEFORE UPDATE OF saga_id, name, def_version, order_key, input, started_by, started_at ON saga
        BEGIN SELECT RAISE(ABORT, 'a saga keeps what it began with'); END""",
    """CREATE TRIGGER saga_step_no_delete BEFORE DELETE ON saga_step
        BEGIN SELECT RAISE(ABORT, 'a step is never deleted'); END""",
    """CREATE TRIGGER saga_step_keeps_its_key
        BEFORE UPDATE OF saga_id, n, act, attempt, step, idem_key, intent_at ON saga_step
        BEGIN SELECT RAISE(ABORT, 'a step keeps what was intended'); END""",
    """CREATE TRIGGER saga_step_ends_once BEFORE UPDATE ON saga_step
        WHEN OLD.ended_at IS NOT NULL AND NEW.state <> 'compensated' AND NEW.told_by IS NOT 'people'
        BEGIN SELECT RAISE(ABORT, 'an ended step stays'); END""",
    """CREATE TRIGGER two_person_task_no_delete BEFORE DELETE ON two_person_task
        BEGIN SELECT RAISE(ABORT, 'a task is never deleted'); END""",
    """CREATE TRIGGER two_person_task_closes_once BEFORE UPDATE ON two_person_task WHEN OLD.closed_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a closed task stays'); END""",
)

# The digest is the SM3 of the two bytes of an empty object.
OLD_STEPS = (
    """INSERT INTO saga
        SELECT op_id, 'hall_step', 1, op_id,
            CASE state WHEN 'done' THEN 'done' WHEN 'failed' THEN 'undone' ELSE 'running' END,
            json_object('step', step), '', at, CASE WHEN state IN ('done', 'failed') THEN at END, NULL, NULL
        FROM world_step AS latest
        WHERE attempt = (SELECT max(attempt) FROM world_step WHERE op_id = latest.op_id)""",
    """INSERT INTO saga_step
        SELECT op_id, 0, 'do', attempt, 'hall_step',
            CASE WHEN state IN ('done', 'failed') THEN state ELSE 'unknown' END,
            op_id, at, CASE WHEN state IN ('done', 'failed') THEN at END,
            CASE WHEN state IN ('done', 'failed') THEN 'world' END, 0,
            '{}', 'f1a823aaaaafe40e113c7f04dd72c289faf86252c4a9b57cf1d3c9e12547f9ad'
        FROM world_step""",
    "DROP TABLE world_step",
)


def upgrade() -> None:
    """Make the tables, and move what is there."""
    for statement in (*TABLES, *INDEXES, *OLD_STEPS, *TRIGGERS):
        op.execute(statement)
