"""The keypad of a PC/SC reader, FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT: digits stay in the reader."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.verification import outcome_of

VERIFY_PIN_DIRECT, MODIFY_PIN_DIRECT = 0x06, 0x07
_TIMED_OUT, _CANCELLED, _DIFFERENT, _BAD_LENGTH = 0x6400, 0x6401, 0x6402, 0x6403
_ENDS = {
    _TIMED_OUT: PinEnd.TIMED_OUT,
    _CANCELLED: PinEnd.CANCELLED,
    _DIFFERENT: PinEnd.DIFFERENT,
    _BAD_LENGTH: PinEnd.BAD_LENGTH,
}
_SIMPLIFIED_CHINESE = 0x0804
_VALIDATION_KEY = 0x02
_CONFIRM_NEW, _ASK_CURRENT = 0x01, 0x02
_BCD_FROM_THE_LEFT = 0x81
_FEATURE = 6
"""Bytes of one feature: tag, length 4, control code (big-endian)."""


@runtime_checkable
class PinReader(Protocol):
    """A reader with a card powered in it, used by its owner thread."""

    def features(self) -> bytes:
        """Answer CM_IOCTL_GET_FEATURE_REQUEST; empty where the reader knows none."""
        ...

    def control(self, code: int, command: bytes) -> bytes:
        """Send a control code to the reader and return its answer; waits for the holder."""
        ...


@dataclass(frozen=True)
class PinBlock:
    """How the card wants the digits: BCD from the left, filled with F (card.md 2.1); times in seconds."""

    least: int = 6
    most: int = 6
    timeout: int = 30

    @property
    def size(self) -> int:
        """Return the bytes of the block."""
        return (self.most + 1) // 2


class ReaderPad:
    """A VerifyingPad over PC/SC."""

    def __init__(self, reader: PinReader, block: PinBlock) -> None:
        self._reader = reader
        self._block = block

    def verify(self) -> PinOutcome:
        """Let the reader ask the holder and send VERIFY itself; NO_PAD where it cannot. Raises CardGone."""
        return self._run(VERIFY_PIN_DIRECT, pin_verify(self._block))

    def change(self) -> PinOutcome:
        """Let the reader ask for the old and twice for the new one, and send CHANGE PIN itself. Raises CardGone."""
        return self._run(MODIFY_PIN_DIRECT, pin_modify(self._block))

    def _run(self, feature: int, structure: bytes) -> PinOutcome:
        code = read_features(self._reader.features()).get(feature)
        if code is None:
            return PinOutcome(PinEnd.NO_PAD)
        answer = self._reader.control(code, structure)
        if len(answer) != 2:
            return PinOutcome(PinEnd.REFUSED, None, answer.hex().upper())
        status_word = int.from_bytes(answer, "big")
        end = _ENDS.get(status_word)
        return outcome_of(status_word) if end is None else PinOutcome(end, None, f"{status_word:04X}")


def read_features(answer: bytes) -> Mapping[int, int]:
    """Return a reader's control codes by feature; a cut answer's whole features only (PC/SC part 10, 2.2)."""
    found = {}
    for start in range(0, len(answer) - _FEATURE + 1, _FEATURE):
        tag, length, code = struct.unpack_from(">BBI", answer, start)
        if length != 4:
            break
        found[tag] = code
    return found


def pin_verify(block: PinBlock) -> bytes:
    """Build PIN_VERIFY_STRUCTURE with a VERIFY whose digits the reader fills in (PC/SC part 10, 2.5.2)."""
    apdu = bytes([0x00, 0x20, 0x00, 0x00, block.size]) + b"\xff" * block.size
    head = struct.pack(
        "<BBBBBHBBHB3xI",
        block.timeout,
        block.timeout,
        _BCD_FROM_THE_LEFT,
        block.size,
        0,
        block.least << 8 | block.most,
        _VALIDATION_KEY,
        1,
        _SIMPLIFIED_CHINESE,
        0,
        len(apdu),
    )
    return head + apdu


def pin_modify(block: PinBlock) -> bytes:
    """Build PIN_MODIFY_STRUCTURE with a CHANGE PIN, `old || FF || new` (PC/SC part 10, 2.5.3; card.md 2.1)."""
    empty = b"\xff" * block.size
    apdu = bytes([0x80, 0x5E, 0x01, 0x00, 2 * block.size + 1]) + empty + b"\xff" + empty
    head = struct.pack(
        "<BBBBBBBHBBBHBBB3xI",
        block.timeout,
        block.timeout,
        _BCD_FROM_THE_LEFT,
        block.size,
        0,
        0,
        block.size + 1,
        block.least << 8 | block.most,
        _CONFIRM_NEW | _ASK_CURRENT,
        _VALIDATION_KEY,
        3,
        _SIMPLIFIED_CHINESE,
        *(0, 1, 2),
        len(apdu),
    )
    return head + apdu
