"""One reading of a resident ID card: find, select, read, newest address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hardware.resident_id.command import Sw3
from hardware.resident_id.sam import PhotoDecoder, Sam
from hardware.resident_id.text_block import MalformedText, ResidentId, decode_address, decode_text_block


class IdFaultKind(StrEnum):
    """Why a resident ID was not read; what the world did, not a defect."""

    NO_CARD = "no_card"
    TAKE_AWAY = "take_away"
    """None lies there, or still the one that was read: readers find a card again only after it was taken away."""
    NOT_SELECTED = "not_selected"
    WRONG_CARD = "wrong_card"
    NOT_READ = "not_read"
    NOT_AUTHENTICATED = "not_authenticated"
    SAM_FAULT = "sam_fault"
    NOT_AUTHORISED = "not_authorised"
    LINE = "line"
    MALFORMED = "malformed"
    LEFT_ON_DISK = "left_on_disk"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class IdFault:
    """How a reading ended early; `code` is SW3 or a library's own number, the detail never personal data."""

    kind: IdFaultKind
    code: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class IdReading:
    """A card that was read; without a licensed decoder there is no photo."""

    card: ResidentId
    photo: bytes | None = field(default=None, repr=False)
    """BMP."""


KINDS: Mapping[int, IdFaultKind] = {
    Sw3.CHECKSUM: IdFaultKind.LINE,
    Sw3.LENGTH: IdFaultKind.LINE,
    Sw3.COMMAND: IdFaultKind.LINE,
    Sw3.AUTHENTICATION_1: IdFaultKind.NOT_AUTHENTICATED,
    Sw3.AUTHENTICATION_2: IdFaultKind.NOT_AUTHENTICATED,
    Sw3.AUTHENTICATION_3: IdFaultKind.NOT_AUTHENTICATED,
    Sw3.WRONG_CARD: IdFaultKind.WRONG_CARD,
    Sw3.READ_FAILED: IdFaultKind.NOT_READ,
    Sw3.RANDOM: IdFaultKind.SAM_FAULT,
    Sw3.SELF_TEST: IdFaultKind.SAM_FAULT,
    Sw3.NOT_AUTHORISED: IdFaultKind.NOT_AUTHORISED,
    Sw3.FIND_FAILED: IdFaultKind.NO_CARD,
    Sw3.SELECT_FAILED: IdFaultKind.NOT_SELECTED,
    Sw3.NO_CONTENT: IdFaultKind.NOT_READ,
}


def fault_of(code: int) -> IdFault:
    """Return the fault that a code of a reader stands for; an unknown one keeps its number."""
    return IdFault(KINDS.get(code, IdFaultKind.UNKNOWN), code)


class IdSession:
    """Reads one card after the other through one reader; used in the work that a box is given.

    `newest_address` is False for an older reader that does not answer that command at all.
    """

    def __init__(self, sam: Sam, photos: PhotoDecoder | None = None, *, newest_address: bool = True) -> None:
        self._sam = sam
        self._photos = photos
        self._newest_address = newest_address
        self._was_read = False

    def read(self) -> IdReading | IdFault:
        """Read the card that lies on the reader, once; raises BoxLost."""
        found = self._sam.find()
        if found == Sw3.FIND_FAILED and self._was_read:
            return IdFault(IdFaultKind.TAKE_AWAY, found)
        if found != Sw3.FOUND:
            return fault_of(found)
        self._was_read = False
        selected = self._sam.select()
        if selected != Sw3.GOOD:
            return fault_of(selected)
        reading = self._sam.read()
        if reading.code != Sw3.GOOD:
            return fault_of(reading.code)
        self._was_read = True
        card = decode_text_block(reading.text)
        if isinstance(card, MalformedText):
            return IdFault(IdFaultKind.MALFORMED, detail=card.part)
        photo = self._photos.decode(reading.photo) if self._photos is not None and reading.photo else None
        return IdReading(self._moved(card), photo)

    def _moved(self, card: ResidentId) -> ResidentId:
        """Add the address that was noted later; a card without one, or a reader that cannot, changes nothing."""
        if not self._newest_address:
            return card
        reading = self._sam.newest_address()
        if reading.code != Sw3.GOOD:
            return card
        address = decode_address(reading.text)
        if address is None:
            return replace(card, undecodable=(*card.undecodable, "newest_address"))
        return replace(card, newest_address=address)
