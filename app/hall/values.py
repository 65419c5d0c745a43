"""What the hall tells of tickets and staff: frozen values, without personal data in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a number stands in its day."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class HallStep(StrEnum):
    """What an op_id does to a number; the value names the step in the journal."""

    ISSUE = "hall.issue"
    CLAIM = "hall.claim"
    START = "hall.start"
    RECALL = "hall.recall"
    END = "hall.end"


class IssuedBy(StrEnum):
    """How a number was taken."""

    CARD = "card"
    TAP = "tap"


@dataclass(frozen=True)
class HallTicket:
    """One number of one business date; times are aware, in UTC."""

    ticket_id: int
    """Rises in the order of issue."""
    business_date: str
    """ISO date in the hall's zone."""
    number: str
    """Group letter and at least three digits, such as A017."""
    group: str
    state: TicketState
    by: IssuedBy
    priority: bool
    holder_index: str | None
    """A hash of the holder under the day's key, made by the caller; never a number in clear."""
    masked_name: str | None
    window: str | None
    issued_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    done_at: datetime | None
    calls: int
    """How often it was called, recalls included."""
    issue_op_id: str
    """The op_id that it was given to."""


@dataclass(frozen=True)
class HallQueue:
    """The day's queue as one window sees it, read in one transaction."""

    current: HallTicket | None
    """The ticket that this window called or serves."""
    counts: tuple[tuple[str, int], ...]
    """(group letter, waiting) in the catalogue's order."""
    next_tickets: tuple[HallTicket, ...]
    """Who would be called next, at most five."""
    done_today: int
    """Tickets that this window finished today."""


@dataclass(frozen=True)
class StaffRecord:
    """A member of staff whose password was right."""

    staff_no: str
    name: str
    person_id: str
    """The natural person; two accounts of one person share it."""
    roles: frozenset[str]
