"""What every virtual chip can do, be it a card or a PSAM: the side that a reader sees, and the hand that pulls it."""

from __future__ import annotations

from typing import Protocol


class CardSilent(Exception):
    """The card gives no answer any more: torn out or dead."""


class VirtualChip(Protocol):
    """One chip. Not thread-safe: whoever powers it owns it."""

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        ...

    @property
    def gone(self) -> bool:
        """Tell whether it was torn out."""
        ...

    def pull_after(self, commands: int) -> None:
        """Tear it out when this many more commands were answered."""
        ...

    def insert(self) -> None:
        """Put it back, powered anew."""
        ...

    def reset(self) -> None:
        """Forget what a reset clears."""
        ...

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command with data and status word; raises CardSilent once torn out or mute."""
        ...
