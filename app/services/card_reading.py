"""How a window reads a whole card, whatever stands on it: a reader of APDUs, or a box behind its maker's library."""

from __future__ import annotations

from typing import Protocol

from app.domain.refusal import Refusal
from hardware.card.authentication import Authenticator
from hardware.card.social_card import SocialCard


class CardReading(Protocol):
    """Reads cards. Every method may block for seconds; never on the GUI thread."""

    def read(self, distant: Authenticator | None) -> SocialCard | Refusal:
        """Read the card with 卡认证 by the reader's PSAM, else by `distant`; where neither answers, without it."""
        ...

    def card_id(self) -> str | Refusal:
        """Return the 识别码 of the card that is there now, 32 hexadecimal digits."""
        ...
