"""The national driver that a verb is told of: by a name of `reader_drivers.toml`, or by the path of its library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal

if TYPE_CHECKING:
    from hardware.readers.box import ReaderBox
    from hardware.readers.combined_box import CombinedBox
    from hardware.readers.sscard.card_driver import DriverFacts
    from hardware.readers.sscard.functions import Interface


@dataclass(frozen=True)
class NamedDriver:
    """An open driver: its box, how it differs from the interface, and where it looks for the card."""

    box: ReaderBox[CombinedBox]
    facts: DriverFacts
    interface: Interface


@contextmanager
def named_driver(named: str | None) -> Iterator[NamedDriver | Refusal | None]:
    """Keep a driver's process until the end of the block; None where no driver is named.

    A library that is given by its path is taken to keep to the national interface.
    """
    if named is None:
        yield None
        return
    from app.catalogue import reader_drivers
    from app.services.reader_faults import refusal_of_box
    from hardware.readers.box import BoxFault, ReaderBox
    from hardware.readers.combined_box import open_combined_box
    from hardware.readers.sscard.card_driver import LIBRARY
    from hardware.readers.sscard.driver_host import DriverLibrary

    lines = reader_drivers.load()
    line = lines.get(named) or lines[reader_drivers.NATIONAL]
    path = line.library if named in lines else Path(named)
    if path is None:
        yield Refusal.of("READER-DRIVER-PLACE", name=named)
        return
    library = DriverLibrary(LIBRARY, path, line.convention)
    box = ReaderBox(lambda: open_combined_box(library, line.facts))
    box.start()
    try:
        opened = box.use(lambda _: None).result()
        yield refusal_of_box(opened) if isinstance(opened, BoxFault) else NamedDriver(box, line.facts, line.interface)
    finally:
        box.stop()
