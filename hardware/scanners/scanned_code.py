"""A scanned code: opaque text of 8 to 512 printable characters; anything else is a fault without its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

LEAST = 8
MOST = 512


class ScanSource(StrEnum):
    """Where a code came from."""

    CAMERA = "camera"
    WEDGE = "wedge"
    SERIAL = "serial"
    HID = "hid"
    IMAGE_FILE = "image_file"


class ScanFaultKind(StrEnum):
    """Why what was scanned is not a code."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNPRINTABLE = "unprintable"
    INCOMPLETE = "incomplete"
    """Characters are missing: an input method took them, the terminator did not come, or a key fell between."""


@dataclass(frozen=True)
class ScannedCode:
    """A code that may be sent to the province; whoever keeps or logs it must not: it opens an account."""

    text: str = field(repr=False)
    source: ScanSource


@dataclass(frozen=True)
class ScanFault:
    """A scan that is refused; tells its length in characters, never its text."""

    kind: ScanFaultKind
    source: ScanSource
    length: int


def check_code(text: str, source: ScanSource) -> ScannedCode | ScanFault:
    """Judge a scanned text; its length counts code points, and printable is what Unicode says (a space is)."""
    if len(text) > MOST:
        return ScanFault(ScanFaultKind.TOO_LONG, source, len(text))
    if not text.isprintable():
        return ScanFault(ScanFaultKind.UNPRINTABLE, source, len(text))
    if len(text) < LEAST:
        return ScanFault(ScanFaultKind.TOO_SHORT, source, len(text))
    return ScannedCode(text, source)


def check_bytes(payload: bytes, source: ScanSource) -> ScannedCode | ScanFault:
    """Judge a scanner's bytes: UTF-8, or GB18030 as scanners sold in China send it."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return check_code(payload.decode(encoding), source)
        except UnicodeDecodeError:
            continue
    return ScanFault(ScanFaultKind.UNPRINTABLE, source, len(payload))
