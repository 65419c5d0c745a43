"""The tour's card reader behind a maker's library: the tests' driver, told by its file which card is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.virtual.driver_answers import NO_CARD, driver_answers, driver_file
from ui.tour.card_reader import CardService

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow

FILE_NAME = "driver.ini"


@dataclass(frozen=True)
class DriverBoxReader:
    """A TourReader; the library is called in its own process, as any maker's is."""

    library: Path
    service: CardService = CardService.DRIVER
    watches: bool = False

    @classmethod
    def empty(cls, library: Path) -> DriverBoxReader:
        """Return the box without a card."""
        reader = cls(library.absolute())
        reader._put(NO_CARD)
        return reader

    @property
    def setting(self) -> str:
        """Return the line of `counter.toml`."""
        return f'card_driver = "{self.library.as_posix()}"'

    def insert(self, flow: ClerkFlow, profile: str) -> None:  # noqa: ARG002 - the card is outside the program
        """Have the driver answer for a training card."""
        self._put(driver_answers(profile))

    def remove(self, flow: ClerkFlow) -> None:  # noqa: ARG002 - the card is outside the program
        """Have it answer that there is no card."""
        self._put(NO_CARD)

    def _put(self, answers: Mapping[str, str]) -> None:
        made = self.library.with_name(f"{FILE_NAME}.new")
        made.write_bytes(driver_file(answers))
        os.replace(made, self.library.with_name(FILE_NAME))
