"""A resident ID reader of its own on a serial port, as a box that a ReaderBox holds."""

from __future__ import annotations

from hardware.resident_id.sam import PhotoDecoder
from hardware.resident_id.serial_reader import ANSWER_S, SerialSam
from hardware.resident_id.session import IdFault, IdReading, IdSession


class SerialIdBox:
    """An open reader; opening it raises BoxLost. `newest_address` is False for one that does not know that command."""

    def __init__(
        self,
        port: str,
        photos: PhotoDecoder | None = None,
        answer_s: float = ANSWER_S,
        *,
        newest_address: bool = True,
    ) -> None:
        self.sam = SerialSam(port, answer_s)
        self._session = IdSession(self.sam, photos, newest_address=newest_address)

    def read_id(self) -> IdReading | IdFault:
        """Read the card that lies on the reader; raises BoxLost."""
        return self._session.read()

    def close(self) -> None:
        """Close the port; may be called again."""
        self.sam.close()
