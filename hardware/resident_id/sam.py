"""What every way to a resident ID reader can do: serial frames, and the makers' libraries below the same session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class SamReading:
    """What a read brought: SW3, and where that is good the text and the photo as it lies on the card."""

    code: int
    text: bytes = field(default=b"", repr=False)
    photo: bytes = field(default=b"", repr=False)
    """1,024 bytes WLT, which only a licensed decoder turns into a picture."""


class Sam(Protocol):
    """The security module of a reader; each call returns SW3, and raises BoxLost when the reader is gone."""

    def find(self) -> int:
        """Look for a card: 9F when one lies there that was not read yet, 80 otherwise."""
        ...

    def select(self) -> int:
        """Select the card that was found."""
        ...

    def read(self) -> SamReading:
        """Read text and photo of the selected card."""
        ...

    def newest_address(self) -> SamReading:
        """Read the address that was noted after the card was made: 70 bytes of text, or code 91 without one."""
        ...


class PhotoDecoder(Protocol):
    """A licensed decoder of WLT photos; the program ships none."""

    def decode(self, wlt: bytes) -> bytes | None:
        """Return the picture as BMP; None when it is not one."""
        ...
