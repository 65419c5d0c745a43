"""An operation, its deliveries and its four outcomes (DESIGN.md rules 2 and 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.clock import Moment

SCHEMA_VER = 1


class Outcome(StrEnum):
    """What became of one try to deliver."""

    APPLIED = "applied"
    RETRY = "retry"
    REJECTED = "rejected"
    CONFLICT = "conflict"


class DeliveryState(StrEnum):
    """State of one delivery row; rejected and conflict wait for a person."""

    QUEUED = "queued"
    SENDING = "sending"
    APPLIED = "applied"
    REJECTED = "rejected"
    CONFLICT = "conflict"


class Destination(StrEnum):
    """Where an operation is delivered."""

    PROVINCE = "province"
    HALL = "hall"


class OperationKind(StrEnum):
    """Kinds of operations the province knows."""

    TEMPORARY_LOSS = "temporary_loss"
    FORMAL_LOSS = "formal_loss"
    RELEASE_LOSS = "release_loss"
    INTAKE = "intake"


@dataclass(frozen=True)
class Operation:
    """One change of state, as stored and sent; never rewritten."""

    op_id: str
    kind: OperationKind
    order_key: str
    """The local opaque person reference or a stock batch."""
    payload: str
    """Canonical JSON, see `canonical_json`."""
    occurred: Moment
    clerk: str
    acceptance_no: str
    """办件编号, printed on the receipt."""
    base_version: int | None
    """The state version the clerk saw; None when nothing was seen (offline without a profile)."""
    schema_ver: int = SCHEMA_VER


@dataclass(frozen=True)
class OutboxRow:
    """One delivery as the sync centre and `outbox list` show it."""

    op_id: str
    kind: str
    order_key: str
    destination: str
    device_seq: int
    state: DeliveryState
    attempts: int
    age_s: float
    reason: str | None
    next_try_in_s: float | None = None
    acceptance_no: str = ""
    citizen_number: str | None = None
    """Whom it is about, in clear; faces mask it and `outbox list` leaves it out."""
    clock_doubtful: bool = False
    """时钟可疑: the machine's clock was far off the province's when it was taken down."""


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Mapping[str, object]) -> str:
    """Render JSON with sorted keys, no spaces and UTF-8 text, so that its digest is stable."""
    return _CANONICAL.encode(value)
