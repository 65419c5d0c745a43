"""Scanned data in the reports of a HID bar code scanner (USB-IF, HID Point of Sale Usage Tables 1.02, section 3).

Pure. Where the data stand in a report is read off the scanner's own report descriptor (HID 1.11, section 6.2.2): the
makers agree on the usages, not on the order, on the length, or on whether the bytes are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from hardware.scanners.scanned_code import MOST

SCANNER_PAGE = 0x8C
"""Usage page of bar code scanners."""
_SCANNER = 0x8C0002
_DATA, _GOES_ON = 0x8C00FE, 0x8C00FF
_COUNT = 0x01003B
"""Byte Count of the generic desktop page: how many bytes of the data are the code's."""
_MOST_BYTES = 4 * MOST
_LONG_ITEM = 0xFE
_MOST_FIELDS = 4096
_BUFFERED_BYTES = 0x100


class _Item(IntEnum):
    """Head bytes of short items without their length (HID 1.11, 6.2.2.4 to 6.2.2.8)."""

    INPUT = 0x80
    OUTPUT = 0x90
    FEATURE = 0xB0
    COLLECTION = 0xA0
    END_COLLECTION = 0xC0
    USAGE_PAGE = 0x04
    REPORT_SIZE = 0x74
    REPORT_ID = 0x84
    REPORT_COUNT = 0x94
    PUSH = 0xA4
    POP = 0xB4
    USAGE = 0x08


@dataclass(frozen=True)
class Bits:
    """A field of a report: where it begins and how long it is, in bits after the report's number."""

    start: int
    length: int


@dataclass(frozen=True)
class ScanLayout:
    """Where the input report of scanned data has what; `report` is 0 where the scanner numbers none."""

    report: int
    data: Bits
    count: Bits | None
    goes_on: Bits | None

    def piece(self, report: bytes) -> ScanPiece | None:
        """Read a report, with its number in front where reports have one; None for another report or one cut short."""
        if self.report:
            if report[:1] != bytes((self.report,)):
                return None
            report = report[1:]
        if len(report) * 8 < self.data.start + self.data.length:
            return None
        first = self.data.start // 8
        data = report[first : first + self.data.length // 8]
        # Without a count the rest is filled with NUL, which no code has at its end.
        data = data.rstrip(b"\0") if self.count is None else data[: _number(report, self.count)]
        return ScanPiece(data, self.goes_on is not None and bool(_number(report, self.goes_on)))


@dataclass(frozen=True)
class ScanPiece:
    """What one report brought of a code, and whether more comes."""

    data: bytes
    goes_on: bool


class ScanJoiner:
    """Joins the pieces of one code; more than a code can have is cut off, so that its check refuses it."""

    def __init__(self) -> None:
        self._gathered = bytearray()

    def add(self, piece: ScanPiece) -> bytes | None:
        """Take a piece; returns the code's bytes with the last one, without the terminator that some scanners add."""
        self._gathered += piece.data[: _MOST_BYTES + 1 - len(self._gathered)]
        if piece.goes_on:
            return None
        whole, self._gathered = bytes(self._gathered).rstrip(b"\r\n\t"), bytearray()
        return whole or None


def scan_layout(descriptor: bytes) -> ScanLayout | None:
    """Find where scanned data stand by a report descriptor; None where it is no scanner's, or is no descriptor."""
    found: dict[int, dict[int, Bits]] = {}
    for report, usage, bits in _input_fields(descriptor):
        found.setdefault(report, {}).setdefault(usage, bits)
    for report, fields in found.items():
        data = fields.get(_DATA)
        if data is not None and data.start % 8 == 0 and data.length >= 8:
            return ScanLayout(report, data, fields.get(_COUNT), fields.get(_GOES_ON))
    return None


@dataclass(frozen=True)
class _Globals:
    page: int = 0
    size: int = 0
    times: int = 0
    report: int = 0


def _input_fields(descriptor: bytes) -> Iterator[tuple[int, int, Bits]]:
    """Go through the input fields inside a scanner's collection: report, usage with its page, bits."""
    state, pushed = _Globals(), list[_Globals]()
    usages: list[int] = []
    inside, depth = 0, 0
    ends: dict[int, int] = {}
    for tag, value, wide in _items(descriptor):
        match tag:
            case _Item.USAGE_PAGE:
                state = replace(state, page=value)
            case _Item.REPORT_SIZE:
                state = replace(state, size=value)
            case _Item.REPORT_ID:
                state = replace(state, report=value)
            case _Item.REPORT_COUNT:
                state = replace(state, times=value)
            case _Item.PUSH:
                pushed.append(state)
            case _Item.POP if pushed:
                state = pushed.pop()
            case _Item.USAGE:
                usages.append(value if wide else state.page << 16 | value)
            case _Item.COLLECTION:
                depth += 1
                if not inside and _SCANNER in usages:
                    inside = depth
                usages = []
            case _Item.END_COLLECTION:
                inside = 0 if inside == depth else inside
                depth -= 1
                usages = []
            case _Item.INPUT:
                start = ends.get(state.report, 0)
                ends[state.report] = start + state.size * state.times
                if inside:
                    yield from _laid_out(state, usages, start, buffered=bool(value & _BUFFERED_BYTES))
                usages = []
            case _Item.OUTPUT | _Item.FEATURE:
                usages = []


def _laid_out(state: _Globals, usages: list[int], start: int, *, buffered: bool) -> Iterator[tuple[int, int, Bits]]:
    if not usages or state.times > _MOST_FIELDS:
        return
    if buffered or len(usages) == 1:
        yield state.report, usages[0], Bits(start, state.size * state.times)
        return
    for place in range(state.times):
        # Where there are fewer usages than fields, the last one holds for the rest (HID 1.11, 6.2.2.8).
        usage = usages[min(place, len(usages) - 1)]
        yield state.report, usage, Bits(start + place * state.size, state.size)


def _items(descriptor: bytes) -> Iterator[tuple[int, int, bool]]:
    """Go through the items: tag with type, value, and whether a usage names its page itself."""
    at = 0
    while at < len(descriptor):
        head = descriptor[at]
        if head == _LONG_ITEM:
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        size = (0, 1, 2, 4)[head & 3]
        yield head & 0xFC, int.from_bytes(descriptor[at + 1 : at + 1 + size], "little"), size == 4
        at += 1 + size


def _number(report: bytes, bits: Bits) -> int:
    whole = int.from_bytes(report, "little")
    return whole >> bits.start & (1 << bits.length) - 1
