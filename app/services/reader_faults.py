"""The code that every outcome of a reader box is told under: driver, line, resident ID."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue import reader_codes
from app.domain.refusal import Refusal
from hardware.readers.box import BoxFault, BoxFaultKind
from hardware.readers.sscard.base_fields import MalformedReading
from hardware.readers.sscard.card_driver import DriverRefusal, HsmAway, NotDone
from hardware.readers.sscard.driver_host import NoFunction
from hardware.resident_id.session import IdFault, IdFaultKind

BOX_CODES: Mapping[BoxFaultKind, str] = {
    BoxFaultKind.NO_LIBRARY: "READER-DRIVER-MISSING",
    BoxFaultKind.WRONG_BITS: "READER-DRIVER-BITS",
    BoxFaultKind.NO_LINE: "READER-LINE-NONE",
    BoxFaultKind.HUNG: "READER-HUNG",
    BoxFaultKind.DIED: "READER-DRIVER-DIED",
    BoxFaultKind.GARBAGE: "READER-GARBAGE",
    BoxFaultKind.OVERRUN: "READER-DRIVER-DIED",
    BoxFaultKind.STOPPED: "READER-STOPPED",
}
ID_CODES: Mapping[IdFaultKind, str] = {
    IdFaultKind.NO_CARD: "IDREADER-NO-CARD",
    IdFaultKind.TAKE_AWAY: "IDREADER-TAKE-AWAY",
    IdFaultKind.NOT_SELECTED: "IDREADER-NOT-SELECTED",
    IdFaultKind.WRONG_CARD: "IDREADER-WRONG-CARD",
    IdFaultKind.NOT_READ: "IDREADER-NOT-READ",
    IdFaultKind.NOT_AUTHENTICATED: "IDREADER-NOT-AUTHENTICATED",
    IdFaultKind.SAM_FAULT: "IDREADER-SAM",
    IdFaultKind.NOT_AUTHORISED: "IDREADER-NOT-AUTHORISED",
    IdFaultKind.LINE: "IDREADER-LINE",
    IdFaultKind.MALFORMED: "IDREADER-MALFORMED",
    IdFaultKind.LEFT_ON_DISK: "IDREADER-LEFT-ON-DISK",
    IdFaultKind.UNKNOWN: "IDREADER-UNKNOWN",
}
_NOTHING_SAID = "—"


def refusal_of_box(fault: BoxFault) -> Refusal:
    """Return the refusal of a box that could not be used."""
    return Refusal.of(BOX_CODES[fault.kind], detail=fault.detail or _NOTHING_SAID)


def refusal_of_card(outcome: NotDone) -> Refusal:
    """Return the refusal of a driver's outcome; an unknown number keeps itself and the driver's own words."""
    match outcome:
        case DriverRefusal():
            return _refused(outcome)
        case NoFunction(function):
            return Refusal.of("READER-FUNCTION-NONE", function=function)
        case HsmAway():
            return Refusal("CARD-AUTH-AWAY")
        case MalformedReading(part):
            return Refusal.of("CARD-MALFORMED", detail=part)


def refusal_of_id(fault: IdFault) -> Refusal:
    """Return the refusal of a resident ID that was not read."""
    code_hex = _NOTHING_SAID if fault.code is None else f"{fault.code & 0xFFFFFFFF:02X}"
    return Refusal.of(ID_CODES[fault.kind], detail=fault.detail or code_hex, code_hex=code_hex)


def _refused(refusal: DriverRefusal) -> Refusal:
    codes = reader_codes.load()
    text = refusal.text.strip() or _NOTHING_SAID
    word = refusal.status_word
    if word is None:
        code = codes.sscard.get(refusal.number, "SSCARD-UNKNOWN")
        return Refusal.of(code, number=refusal.number, text=text)
    code = codes.status_word(word) or "CHIP-STATUS-UNKNOWN"
    left = _NOTHING_SAID if refusal.tries_left is None else refusal.tries_left
    return Refusal.of(code, number=refusal.number, text=text, word=f"{word:04X}", left=left)
