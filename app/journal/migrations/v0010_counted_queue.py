"""How long the queue is stands in two counters that only rise, kept by the file itself: no start counts its rows."""

from __future__ import annotations

from alembic import op

STATEMENTS = (
    "INSERT INTO counter (name, value) SELECT 'queued/' || destination, count(*) FROM delivery GROUP BY destination",
    """INSERT INTO counter (name, value) SELECT 'answered/' || destination, count(*) FROM delivery
        WHERE answered_at IS NOT NULL GROUP BY destination""",
    """CREATE TRIGGER delivery_queued_counted AFTER INSERT ON delivery BEGIN
        INSERT INTO counter (name, value) VALUES ('queued/' || NEW.destination, 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1; END""",
    """CREATE TRIGGER delivery_pulled_back_counted AFTER INSERT ON delivery WHEN NEW.answered_at IS NOT NULL BEGIN
        INSERT INTO counter (name, value) VALUES ('answered/' || NEW.destination, 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1; END""",
    """CREATE TRIGGER delivery_answered_counted AFTER UPDATE OF answered_at ON delivery
        WHEN OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL BEGIN
        INSERT INTO counter (name, value) VALUES ('answered/' || NEW.destination, 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1; END""",
)


def upgrade() -> None:
    """Count what is there, and make the triggers that go on counting."""
    for statement in STATEMENTS:
        op.execute(statement)
