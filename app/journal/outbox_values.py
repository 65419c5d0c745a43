"""What the outbox hands out: frozen values without any database type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.operation import Destination, Operation, OperationKind


@dataclass(frozen=True)
class LeasedDelivery:
    """One delivery that is the caller's until the lease ends."""

    operation: Operation
    destination: Destination
    device_seq: int
    payload_sm3: str
    attempts: int
    """Tries, with this one."""
    age_s: float
    ahead_s: float
    """By how many seconds it is dated after now: somebody set the clock back."""
    damaged: bool = False
    """Its payload cannot be read any more, and stands empty here: it must not be sent."""


@dataclass(frozen=True)
class WaitingOperation:
    """An operation of one person that the province has not answered."""

    op_id: str
    kind: OperationKind
    acceptance_no: str


@dataclass(frozen=True)
class OutboxSummary:
    """What waits for delivery, and what waits for a person."""

    pending: int
    oldest_age_s: float
    tasks: int


@dataclass(frozen=True)
class Task:
    """A refused or conflicting delivery that waits for a person."""

    op_id: str
    destination: Destination
    kind: str
    acceptance_no: str
    reason: str
    message: str | None
    next_action: str
    """A code of the catalogue whose remedy says what to do."""
    since: datetime


@dataclass(frozen=True)
class SampleRow:
    """One command that another person looks at afterwards."""

    op_id: str
    command: str
    kind: str
    """Of its operation; empty where the command has none, as the next."""
    acceptance_no: str
    staff_no: str
    """Who did it."""
    at: datetime
