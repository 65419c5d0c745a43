"""A resident ID reader behind sdtapi or termb in a host of libraries, as a box that a ReaderBox holds."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.readers.box import BoxFaultKind, BoxLost
from hardware.readers.sscard.driver_host import DriverHost, DriverLibrary
from hardware.resident_id import sdtapi, termb
from hardware.resident_id.command import Sw3
from hardware.resident_id.sam import PhotoDecoder
from hardware.resident_id.sdtapi import SdtApiSam
from hardware.resident_id.session import IdFault, IdReading, IdSession
from hardware.resident_id.termb import Termb

LIBRARIES = (sdtapi.LIBRARY, termb.LIBRARY)
LINE_OF_A_LIBRARY = sdtapi.FIRST_USB_PORT


class LibraryIdBox:
    """An open reader that has nothing but resident IDs."""

    def __init__(self, host: DriverHost, ids: IdSession | Termb) -> None:
        self._host = host
        self._ids = ids

    def read_id(self) -> IdReading | IdFault:
        """Read the card that lies on the reader; raises BoxLost."""
        return self._ids.read()

    def close(self) -> None:
        """End the host; may be called again."""
        self._host.close()


def open_library_box(
    library: DriverLibrary, port: int = LINE_OF_A_LIBRARY, *, command: Sequence[str] | None = None
) -> LibraryIdBox:
    """Start a host and load the library, which is named sdtapi or termb; raises BoxLost."""
    host = DriverHost([library], command)
    try:
        return LibraryIdBox(host, open_ids(host, library, port, None))
    except BoxLost:
        host.close()
        raise


def open_ids(host: DriverHost, library: DriverLibrary, port: int, photos: PhotoDecoder | None) -> IdSession | Termb:
    """Return what reads resident IDs by a library that the host has loaded; raises BoxLost."""
    if library.name == termb.LIBRARY:
        return Termb(host, host.folders[-1], port)
    sam = SdtApiSam(host, port)
    code = sam.open()
    if code != Sw3.GOOD:
        raise BoxLost(BoxFaultKind.NO_LINE, f"SDT_OpenPort {code}")
    return IdSession(sam, photos)
