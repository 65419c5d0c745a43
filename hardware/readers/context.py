"""What a supervisor needs of a card service, be it PC/SC or one in the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hardware.ports import CardChannel


@dataclass(frozen=True)
class Slot:
    """One reader as the service sees it; `insertion` changes whenever a card comes or goes."""

    reader: str
    present: bool
    mute: bool
    atr: bytes
    insertion: int


class CardConnection(CardChannel, Protocol):
    """A card that is held against everybody else."""

    def keep_alive(self) -> None:
        """Touch the card without a command, so that no idle transaction is ended; raises CardGone."""
        ...

    def features(self) -> bytes:
        """Return the reader's features as PC/SC part 10 writes them; empty where it tells none."""
        ...

    def control(self, code: int, command: bytes) -> bytes:
        """Send a control code of such a feature and return the reader's answer; raises CardGone."""
        ...

    def close(self, *, reset: bool) -> None:
        """Let go of the card; `reset` makes it forget what it granted."""
        ...


class CardContext(Protocol):
    """One session with the service, used by one thread; only `wake` may be called from others."""

    def slots(self) -> tuple[Slot, ...]:
        """Return every reader now; raises CardGone(NO_SERVICE)."""
        ...

    def wait(self, seconds: float) -> None:
        """Return when something differs from the last `slots`, when woken, or in time; raises CardGone(NO_SERVICE)."""
        ...

    def wake(self) -> None:
        """End a wait that has begun; one that has not begun yet is not shortened."""
        ...

    def connect(self, reader: str) -> CardConnection:
        """Power a card and hold it exclusively; raises CardGone."""
        ...

    def holders(self) -> tuple[str, ...]:
        """Return the names of other programs that may hold a card; empty where nobody can tell."""
        ...

    def release(self) -> None:
        """End the session."""
        ...
