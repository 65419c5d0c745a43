"""What an e-card (电子社保卡) may do, and what its holder authorised (business.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EcardUse(StrEnum):
    """What the e-card may do now; it follows the card."""

    ALL = "all"
    OWN_AUTHORISATION = "own_authorisation"
    """Only with what the holder authorised."""
    PAUSED = "paused"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class EcardBusiness(StrEnum):
    """What a code is verified for; 02 is payment, which no counter does."""

    QUERY = "01"
    OTHER = "03"


@dataclass(frozen=True)
class EcardAuthorisation:
    """What a holder confirmed on the phone (精准授权); `items` are keys of `ecard.toml`."""

    number: str
    items: tuple[str, ...]
    purpose: str
    given_at: datetime
    valid_until: datetime
