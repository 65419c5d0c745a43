"""Brings a hall database of an earlier program to this program's schema, in SQLite's words and PostgreSQL's alike."""

from __future__ import annotations

from sqlalchemy import Connection

_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "ALTER TABLE ticket ADD COLUMN start_op_id VARCHAR(36)",
        "ALTER TABLE ticket ADD COLUMN recall_op_id VARCHAR(36)",
        "ALTER TABLE ticket ADD COLUMN end_op_id VARCHAR(36)",
        "CREATE UNIQUE INDEX ticket_started_by ON ticket (start_op_id)",
        "CREATE UNIQUE INDEX ticket_recalled_by ON ticket (recall_op_id)",
        "CREATE UNIQUE INDEX ticket_ended_by ON ticket (end_op_id)",
    ),
    (
        "CREATE TABLE day_key (business_date VARCHAR(10) NOT NULL, key VARCHAR(64) NOT NULL,"
        " PRIMARY KEY (business_date))",
        "CREATE UNIQUE INDEX ticket_of_holder ON ticket (business_date, holder_index)"
        " WHERE state IN ('waiting', 'called', 'serving')",
    ),
    (
        "ALTER TABLE staff ADD COLUMN add_op_id VARCHAR(36)",
        "CREATE UNIQUE INDEX staff_added_by ON staff (add_op_id)",
    ),
    (
        # Until now nothing said what a hall was for: fictional staff in it tell, else any staff at all.
        "INSERT INTO hall_meta (key, value) SELECT 'mode', CASE WHEN EXISTS"
        " (SELECT 1 FROM staff WHERE substr(person_id, 1, 16) = 'training-person-') THEN 'training' ELSE 'real' END"
        " WHERE EXISTS (SELECT 1 FROM staff)",
    ),
)
"""The statements from version 1 to 2, from 2 to 3 and so on; a step that was shipped is never edited again."""


def migrate(connection: Connection, stamp: int) -> None:
    """Run the steps above a version, inside the caller's transaction."""
    for step in _STEPS[stamp - 1 :]:
        for statement in step:
            connection.exec_driver_sql(statement)
