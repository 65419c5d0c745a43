"""A reader's own pad (PC/SC part 10): puts the holder's digits into the command and sends it to the card."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

VERIFY_CODE, MODIFY_CODE = 0x42330006, 0x42330007
_VERIFY_TAG, _MODIFY_TAG = 0x06, 0x07
_VERIFY_HEAD = struct.Struct("<BBBBBHBBHB3xI")
_MODIFY_HEAD = struct.Struct("<BBBBBBBHBBBHBBB3xI")
_BCD_FROM_THE_LEFT = 0x81
_CONFIRM, _ASK_CURRENT = 0x01, 0x02
_APDU_HEAD = 5
_EMPTY = 0xF


class PadEnd(IntEnum):
    """What a pad answers in the card's place (PC/SC part 10, 2.5.2)."""

    TIMED_OUT = 0x6400
    CANCELLED = 0x6401
    DIFFERENT = 0x6402
    BAD_LENGTH = 0x6403
    BAD_STRUCTURE = 0x6B80


Transmit = Callable[[bytes], tuple[bytes, int]]


@dataclass
class VirtualReaderPad:
    """`entries` are what the holder does, one an entry: digits, or how the entry ends; without one the time ends."""

    entries: list[str | PadEnd] = field(default_factory=list, repr=False)

    def features(self) -> bytes:
        """Return two features, each `tag 04 control code`, the code big-endian."""
        codes = ((_VERIFY_TAG, VERIFY_CODE), (_MODIFY_TAG, MODIFY_CODE))
        return b"".join(struct.pack(">BBI", tag, 4, code) for tag, code in codes)

    def control(self, code: int, command: bytes, transmit: Transmit) -> bytes:
        """Carry out PIN_VERIFY_STRUCTURE or PIN_MODIFY_STRUCTURE; return the card's status word or the pad's own."""
        apdu = self._verify(command) if code == VERIFY_CODE else self._modify(command)
        status = apdu if isinstance(apdu, PadEnd) else transmit(apdu)[1]
        return int(status).to_bytes(2)

    def _verify(self, command: bytes) -> bytes | PadEnd:
        fields, apdu = _parted(_VERIFY_HEAD, command)
        if not fields or fields[2] != _BCD_FROM_THE_LEFT:
            return PadEnd.BAD_STRUCTURE
        block = self._entered(fields[5], fields[3])
        return block if isinstance(block, PadEnd) else _with_block(apdu, 0, block)

    def _modify(self, command: bytes) -> bytes | PadEnd:
        fields, apdu = _parted(_MODIFY_HEAD, command)
        if not fields or fields[2] != _BCD_FROM_THE_LEFT:
            return PadEnd.BAD_STRUCTURE
        size, old_at, new_at, limits, asks = fields[3], fields[5], fields[6], fields[7], fields[8]
        if asks & _ASK_CURRENT:
            old = self._entered(limits, size)
            if isinstance(old, PadEnd):
                return old
            apdu = _with_block(apdu, old_at, old)
        new = self._entered(limits, size)
        if isinstance(new, PadEnd):
            return new
        again = self._entered(limits, size) if asks & _CONFIRM else new
        if isinstance(again, PadEnd):
            return again
        return _with_block(apdu, new_at, new) if new == again else PadEnd.DIFFERENT

    def _entered(self, limits: int, size: int) -> bytes | PadEnd:
        entry = self.entries.pop(0) if self.entries else PadEnd.TIMED_OUT
        if isinstance(entry, PadEnd):
            return entry
        if not limits >> 8 <= len(entry) <= limits & 0xFF:
            return PadEnd.BAD_LENGTH
        return bytes.fromhex(entry.ljust(2 * size, f"{_EMPTY:X}"))


def _parted(head: struct.Struct, command: bytes) -> tuple[tuple[int, ...], bytes]:
    """Return the structure's fields and its command; nothing where lengths do not agree."""
    if len(command) < head.size:
        return (), b""
    fields = head.unpack_from(command)
    apdu = command[head.size :]
    return (fields, apdu) if fields[-1] == len(apdu) else ((), b"")


def _with_block(apdu: bytes, at: int, block: bytes) -> bytes:
    start = _APDU_HEAD + at
    return apdu[:start] + block + apdu[start + len(block) :]
