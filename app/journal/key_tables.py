"""The tables of data keys and of the search index, as `tables` has the others; migrations make them."""

from __future__ import annotations

from sqlalchemy import BLOB, INTEGER, TEXT, Column, Table

from app.journal.tables import METADATA

DATA_KEY = Table(
    "data_key",
    METADATA,
    Column("key_id", INTEGER, primary_key=True, nullable=False),
    Column("state", TEXT, nullable=False),
    # In an envelope under the key that wraps; nothing once the key is destroyed.
    Column("wrapped", BLOB, nullable=True),
    Column("made_at", TEXT, nullable=False),
    Column("destroyed_at", TEXT, nullable=True),
)

SEARCH_INDEX = Table(
    "search_index",
    METADATA,
    Column("kind", TEXT, primary_key=True, nullable=False),
    Column("token", BLOB, primary_key=True, nullable=False),
    # An op_id: UUIDv7, so that the newest sorts last.
    Column("ref", TEXT, primary_key=True, nullable=False),
)
