"""A second person's signatures, and the sample of commands that another person looks at afterwards."""

from __future__ import annotations

from alembic import op

STATEMENTS = (
    """CREATE TABLE approval (
        approval_id TEXT PRIMARY KEY NOT NULL, command TEXT NOT NULL, op_id TEXT NOT NULL, digest TEXT NOT NULL,
        maker_person TEXT NOT NULL, approver_person TEXT NOT NULL, approver TEXT NOT NULL, at TEXT NOT NULL,
        boot_id TEXT NOT NULL, from_mono REAL NOT NULL, until_mono REAL NOT NULL, used_at TEXT,
        CHECK (maker_person <> approver_person), CHECK (until_mono > from_mono)) STRICT""",
    """CREATE TABLE sample (
        op_id TEXT NOT NULL, command TEXT NOT NULL, person TEXT NOT NULL, staff_no TEXT NOT NULL, at TEXT NOT NULL,
        ticked_at TEXT, ticked_person TEXT, ticked_by TEXT,
        PRIMARY KEY (op_id, command),
        CHECK ((ticked_at IS NULL) = (ticked_person IS NULL)), CHECK ((ticked_at IS NULL) = (ticked_by IS NULL)),
        CHECK (ticked_person IS NULL OR ticked_person <> person)) STRICT""",
    "CREATE INDEX sample_open ON sample (at) WHERE ticked_at IS NULL",
    """CREATE TRIGGER approval_no_delete BEFORE DELETE ON approval
        BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END""",
    """CREATE TRIGGER approval_keeps_what_was_signed
        BEFORE UPDATE OF approval_id, command, op_id, digest, maker_person, approver_person, approver, at, boot_id,
            from_mono, until_mono ON approval
        BEGIN SELECT RAISE(ABORT, 'an approval keeps what was signed'); END""",
    """CREATE TRIGGER approval_used_once BEFORE UPDATE ON approval WHEN OLD.used_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'an approval is used once'); END""",
    """CREATE TRIGGER sample_no_delete BEFORE DELETE ON sample
        BEGIN SELECT RAISE(ABORT, 'a sample is never deleted'); END""",
    """CREATE TRIGGER sample_keeps_what_was_drawn BEFORE UPDATE OF op_id, command, person, staff_no, at ON sample
        BEGIN SELECT RAISE(ABORT, 'a sample keeps what was drawn'); END""",
    """CREATE TRIGGER sample_ticked_once BEFORE UPDATE ON sample WHEN OLD.ticked_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a ticked sample stays'); END""",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
