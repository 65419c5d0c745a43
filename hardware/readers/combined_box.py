"""A hall's usual reader: chip, PSAM, resident ID and pad in one box, behind a maker's libraries in one host."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.readers.box import BoxFault, BoxLost
from hardware.readers.sscard.card_driver import CardDriver, DriverFacts
from hardware.readers.sscard.driver_host import DriverHost, DriverLibrary
from hardware.resident_id.library_box import LINE_OF_A_LIBRARY, open_ids
from hardware.resident_id.sam import PhotoDecoder
from hardware.resident_id.session import IdFault, IdReading, IdSession
from hardware.resident_id.termb import Termb


class CombinedBox:
    """An open box; a ReaderBox holds it, and its work uses `card` and `read_id`."""

    def __init__(self, host: DriverHost, card: CardDriver, ids: IdSession | Termb | BoxFault | None) -> None:
        self._host = host
        self.card = card
        self._ids = ids

    def read_id(self) -> IdReading | IdFault | None:
        """Read a resident ID; None where the box has no library for it. Raises BoxLost, as opening it may have."""
        if isinstance(self._ids, BoxFault):
            raise BoxLost(self._ids.kind, self._ids.detail)
        return None if self._ids is None else self._ids.read()

    def close(self) -> None:
        """End the host, and with it the libraries' hold of the box."""
        self._host.close()


def open_combined_box(
    card_library: DriverLibrary,
    facts: DriverFacts,
    id_library: DriverLibrary | None = None,
    id_port: int = LINE_OF_A_LIBRARY,
    *,
    photos: PhotoDecoder | None = None,
    command: Sequence[str] | None = None,
) -> CombinedBox:
    """Start a host and load the libraries, `id_library` being named sdtapi or termb; raises BoxLost.

    The card's library comes last: the host works in its folder.
    """
    libraries = [library for library in (id_library, card_library) if library is not None]
    host = DriverHost(libraries, command)
    card = CardDriver(host, facts, card_library.name)
    try:
        ids = None if id_library is None else open_ids(host, id_library, id_port, photos)
    except BoxLost as lost:
        # The chip's part may be well.
        return CombinedBox(host, card, lost.fault)
    return CombinedBox(host, card, ids)
