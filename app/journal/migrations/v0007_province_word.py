"""What the province told unasked: its time, and changes of cards that were seen here; and leases found at once."""

from __future__ import annotations

from alembic import op

STATEMENTS = (
    """CREATE TABLE clock_check (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), at TEXT NOT NULL, monotonic REAL NOT NULL,
        boot_id TEXT NOT NULL, offset_s REAL NOT NULL) STRICT""",
    """CREATE TABLE downlink (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), cursor INTEGER NOT NULL, at TEXT NOT NULL) STRICT""",
    """CREATE TABLE known_card (
        card_index TEXT PRIMARY KEY NOT NULL, person_ref TEXT NOT NULL REFERENCES person (person_ref),
        social TEXT NOT NULL, person TEXT NOT NULL, version INTEGER NOT NULL, tombstone TEXT, as_of TEXT NOT NULL,
        CHECK (tombstone IN ('death', 'cancellation'))) STRICT""",
    """CREATE TABLE change_aside (
        seq INTEGER PRIMARY KEY NOT NULL, card_index TEXT NOT NULL REFERENCES known_card (card_index),
        social TEXT NOT NULL, person TEXT NOT NULL, version INTEGER NOT NULL, tombstone TEXT, as_of TEXT NOT NULL)
        STRICT""",
    """CREATE TABLE sealing_key (
        one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1), public_key TEXT NOT NULL, at TEXT NOT NULL,
        signature TEXT NOT NULL) STRICT""",
    """CREATE TRIGGER downlink_only_rises BEFORE UPDATE OF cursor ON downlink WHEN NEW.cursor < OLD.cursor
        BEGIN SELECT RAISE(ABORT, 'the cursor only rises'); END""",
    "CREATE INDEX known_card_by_person ON known_card (person_ref)",
    "CREATE INDEX delivery_sending ON delivery (destination) WHERE state = 'sending'",
)


def upgrade() -> None:
    """Make them."""
    for statement in STATEMENTS:
        op.execute(statement)
