"""What the province tells unasked: changes of cards and persons by its own sequence, and the key to seal for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.province_stop import ProvinceStop
from app.domain.states import PersonState, SocialState


class Tombstone(StrEnum):
    """What ends a card for good."""

    DEATH = "death"
    CANCELLATION = "cancellation"


@dataclass(frozen=True)
class CardState:
    """What is known of a card: its state and its person's, the version that guards operations, and as of when."""

    social: SocialState
    person: PersonState
    version: int
    tombstone: Tombstone | None
    as_of: datetime
    """By the province's clock."""


@dataclass(frozen=True)
class CardChange:
    """One card's new state under the province's sequence number."""

    seq: int
    card_id: str
    state: CardState


@dataclass(frozen=True)
class ChangePage:
    """Changes after a number in their order; `last` is the number to go on from, `more` whether there are more now."""

    changes: tuple[CardChange, ...]
    last: int
    more: bool
    stops: tuple[ProvinceStop, ...] | None = None
    """Every stop that the province announces now; None of a province that announces none by this way."""


@dataclass(frozen=True)
class DownlinkState:
    """How far the changes were read, and when that succeeded last by this machine's clock; None for never."""

    cursor: int
    at: datetime | None
    aside: int
    """Changes that wait for an operation of ours on the same person."""


@dataclass(frozen=True)
class SealingKey:
    """The province's public key that files for it are sealed with; signed with the key that the device pinned."""

    public_key: str
    at: str
    signature: str = ""
