"""Visits and drafts leave: no program wrote them, and a draft would have stood there in clear."""

from __future__ import annotations

from alembic import op

STATEMENTS = ("DROP TABLE visit", "DROP TABLE draft", "ALTER TABLE person DROP COLUMN province_ref")


def upgrade() -> None:
    """Drop the tables, and the province's reference that nobody asked for."""
    for statement in STATEMENTS:
        op.execute(statement)
