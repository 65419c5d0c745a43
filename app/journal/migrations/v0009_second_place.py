"""What is copied to a second place is noted row by row, and the audit chain can get a new first key after a restore."""

from __future__ import annotations

from alembic import op

STATEMENTS = (
    """CREATE TABLE changed (
        n INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT NOT NULL, row_key TEXT NOT NULL,
        at REAL NOT NULL) STRICT""",
    """CREATE TABLE second_place (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), generation INTEGER NOT NULL, segment INTEGER NOT NULL,
        size INTEGER NOT NULL, schema_ver INTEGER NOT NULL) STRICT""",
    "ALTER TABLE audit_key ADD COLUMN after_n INTEGER",
)


def upgrade() -> None:
    """Make the tables; the triggers that write `changed` come with every migration (`change_log.py`)."""
    for statement in STATEMENTS:
        op.execute(statement)
