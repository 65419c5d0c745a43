"""A journal as the program of the first schema left it: what later ones have to bring along."""

from __future__ import annotations

from pathlib import Path

from sqlcipher3 import dbapi2

from app.journal.digest import DerivedKeys, derive_keys
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.migrations import v0001_first_schema


def first_schema(folder: Path) -> tuple[dbapi2.Connection, DerivedKeys]:
    """Make the file of a folder; the connection is the caller's to fill and close."""
    folder.mkdir(exist_ok=True)
    key = FolderKeyStore(folder, no_ring).create()
    connection = dbapi2.connect(str(folder / "journal.db"), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    first = v0001_first_schema
    for statement in (*first.TABLES, *first.INDEXES, *first.TRIGGERS):
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    return connection, derive_keys(key)
