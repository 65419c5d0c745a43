"""Brings a journal from its schema stamp to this program's.

Steps are plain modules in a tuple, run through Alembic's operations: a frozen program has no script folder to search.
"""

from __future__ import annotations

import importlib
from typing import Protocol

from sqlalchemy import Connection

from app.journal import change_log
from app.journal.digest import DerivedKeys

STEPS = (
    "v0001_first_schema",
    "v0002_person_cards",
    "v0003_anchored_audit",
    "v0004_sagas",
    "v0005_unused_tables",
    "v0006_approvals",
    "v0007_province_word",
    "v0008_envelopes",
    "v0009_second_place",
    "v0010_counted_queue",
)
SCHEMA = len(STEPS)
"""The schema stamp of this program: `PRAGMA user_version` and `meta.schema_ver`."""


class _Step(Protocol):
    def upgrade(self) -> None: ...


def migrate(connection: Connection, stamp: int, keys: DerivedKeys, schema: int = SCHEMA) -> None:
    """Run the steps above `stamp` up to `schema` inside the caller's transaction and set the new stamp.

    A step that seals finds the keys in its context's `opts`.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with Operations.context(MigrationContext.configure(connection, opts={"keys": keys})):
        for name in STEPS[stamp:schema]:
            step: _Step = importlib.import_module(f"{__name__}.{name}")
            step.upgrade()
    if schema == SCHEMA:
        change_log.make_triggers(connection)
    connection.exec_driver_sql(
        "INSERT INTO meta (key, value) VALUES ('schema_ver', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (str(schema),),
    )
    connection.exec_driver_sql(f"PRAGMA user_version = {schema}")
