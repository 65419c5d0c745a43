"""The door for photos of holders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.domain.refusal import Refusal
from app.province.service_line import Whom


@dataclass(frozen=True)
class PhotoRules:
    """What the province wants of a photo: pixels, dots per inch, bytes of the JPEG; none below `from_age` years."""

    width: int
    height: int
    dpi: int
    least_bytes: int
    most_bytes: int
    from_age: int


@dataclass(frozen=True)
class Photo:
    """A JPEG whose digest was checked; `taken` where the province knows."""

    jpeg: bytes = field(repr=False)
    sm3: str
    taken: date | None


class Photos(Protocol):
    """Refusals: those of the province, CARD-UNKNOWN, HOLDER-UNKNOWN, SERIAL-USED, PHOTO-…."""

    def rules(self) -> PhotoRules | Refusal:
        """Ask what a photo must be."""
        ...

    def photo(self, whom: Whom, purpose: str) -> Photo | Refusal:
        """Fetch the photo that the next card is printed with."""
        ...

    def send(self, serial: str, whom: Whom, jpeg: bytes, taken: date) -> str | Refusal:
        """Send a photo that was taken here; returns its SM3."""
        ...
