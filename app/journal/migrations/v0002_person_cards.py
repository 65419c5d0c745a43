"""Persons are known by their cards too, and one who was known by a card only may turn out to be a known one."""

from __future__ import annotations

from alembic import op

STATEMENTS = (
    "ALTER TABLE person ADD COLUMN joined_to TEXT REFERENCES person (person_ref)",
    """CREATE TABLE person_card (
        card_index TEXT PRIMARY KEY NOT NULL, person_ref TEXT NOT NULL REFERENCES person (person_ref),
        bank_line TEXT) STRICT""",
    "DROP TRIGGER delivery_no_renumber",
    """CREATE TRIGGER delivery_no_renumber BEFORE UPDATE OF op_id, destination, device_seq ON delivery
        BEGIN SELECT RAISE(ABORT, 'a delivery keeps its number'); END""",
    """CREATE TRIGGER delivery_keeps_person BEFORE UPDATE OF order_key ON delivery
        WHEN NOT EXISTS (
            SELECT 1 FROM person WHERE person_ref = OLD.order_key AND joined_to = NEW.order_key)
        BEGIN SELECT RAISE(ABORT, 'a delivery keeps its person'); END""",
)


def upgrade() -> None:
    """Add the cards, and let a delivery follow its person."""
    for statement in STATEMENTS:
        op.execute(statement)
