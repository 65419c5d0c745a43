"""What a card keeps without power, and what becomes of it when the power goes in the middle of a write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from hardware.card.file_map import Right, Structure


class PowerLost(Exception):
    """The power went during a write; the card says nothing more."""


class TearMoment(Enum):
    """When within a write the power goes."""

    BEFORE = auto()
    INSIDE = auto()
    AFTER = auto()


class TornWrite(StrEnum):
    """What a card makes of a write whose power went inside it."""

    OLD = "old"
    """It takes the write back."""
    NEW = "new"
    """It completes the write."""
    TORN = "torn"
    """It has no protection: the first half is new, the rest old."""


@dataclass
class VirtualFile:
    """One elementary file; `records` in their order, of a cyclic file the newest first."""

    structure: Structure
    read: Right
    write: Right
    capacity: int
    """Bytes of all records, or how many records a cyclic file keeps."""
    record_length: int = 0
    """Of a cyclic file."""
    records: list[bytes] = field(default_factory=list)
    content: bytes = b""
    """Of a transparent file."""


@dataclass(repr=False)
class CardMemory:
    """Files by directory and short identifier, the PIN, the tries left, and what is blocked for good."""

    files: dict[tuple[str, int], VirtualFile]
    pin: bytes | None
    tries: dict[str, int]
    """By the key's name; the PIN's under `PIN`."""
    most_tries: dict[str, int]
    torn_write: TornWrite = TornWrite.OLD
    application_blocked: bool = False
    card_blocked: bool = False
    _tear: tuple[int, TearMoment] | None = None

    def tear(self, writes: int, moment: TearMoment) -> None:
        """Let the power go at the write after so many whole ones."""
        self._tear = (writes, moment)

    def power_up(self) -> None:
        """Forget a tear that has not come."""
        self._tear = None

    def spend_try(self, name: str) -> None:
        """Count a try before it is compared; raises PowerLost.

        Torn inside, the try is counted: a card that could forget one would be asked without end.
        """
        self.change(lambda: self._set_tries(name, self.tries[name] - 1), certain=True)

    def restore_tries(self, name: str) -> None:
        """Fill a counter again; raises PowerLost."""
        if self.tries[name] != self.most_tries[name]:
            self.change(lambda: self._set_tries(name, self.most_tries[name]))

    def write(self, old: bytes, new: bytes, put: Callable[[bytes], None]) -> None:
        """Put new bytes in the place of old ones; raises PowerLost with them old, new or torn."""
        half = len(new) // 2
        self.change(lambda: put(new), lambda: put(new[:half] + old[half : len(new)].ljust(len(new) - half, b"\xff")))

    def change(
        self, keep: Callable[[], None], halve: Callable[[], None] | None = None, *, certain: bool = False
    ) -> None:
        """Make one change that lasts; raises PowerLost.

        `halve` is what an unprotected card is left with; without it a change is whole or not at all. `certain`
        changes are completed by whatever charge is left.
        """
        match self._next_tear():
            case None:
                keep()
                return
            case TearMoment.INSIDE if certain or self.torn_write is TornWrite.NEW:
                keep()
            case TearMoment.INSIDE if self.torn_write is TornWrite.TORN and halve is not None:
                halve()
            case TearMoment.AFTER:
                keep()
        raise PowerLost

    def _next_tear(self) -> TearMoment | None:
        if self._tear is None:
            return None
        writes, moment = self._tear
        if writes > 0:
            self._tear = (writes - 1, moment)
            return None
        self._tear = None
        return moment

    def _set_tries(self, name: str, tries: int) -> None:
        self.tries[name] = tries
