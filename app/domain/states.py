"""The five states that are never merged (business.md 1.1)."""

from __future__ import annotations

from enum import StrEnum


class SocialState(StrEnum):
    """State of the card's social function."""

    NONE = "none"
    APPLIED = "applied"
    MAKING = "making"
    READY = "ready"
    SEALED = "sealed"
    NORMAL = "normal"
    LOST_TEMPORARY = "lost_temporary"
    LOST_FORMAL = "lost_formal"
    LOCKED = "locked"
    CANCELLED = "cancelled"
    VOID = "void"
    UNKNOWN = "unknown"


class BankState(StrEnum):
    """State of the bank account behind the card."""

    NONE = "none"
    INACTIVE = "inactive"
    ACTIVE = "active"
    UNKNOWN = "unknown"


class ProductionState(StrEnum):
    """Step of card making, normalised (business.md 1.5)."""

    NONE = "none"
    ACCEPTED = "accepted"
    OPENING = "opening"
    OPENING_FAILED = "opening_failed"
    TO_MAKE = "to_make"
    MAKING = "making"
    MAKING_FAILED = "making_failed"
    TO_COLLECT = "to_collect"
    COLLECTED = "collected"
    UNKNOWN = "unknown"


class PersonState(StrEnum):
    """Living state of the person (AAC060)."""

    NORMAL = "normal"
    DEAD = "dead"
    DETAINED = "detained"
    MISSING = "missing"
    UNKNOWN = "unknown"


class RegisterState(StrEnum):
    """Whether the card-holder database (持卡库) agrees with the card."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
