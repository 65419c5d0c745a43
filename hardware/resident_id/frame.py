"""SDT frames, pure: `AA AA AA 96 69 | length | command or status … | xor` (card.md 6.1).

The length, two bytes big endian, counts from the command or status through the xor; the xor is over the length and all
that follows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AAAAAA9669")
LONGEST = 4096
"""Bytes that a length may say; text, photo and fingerprint together are 2,314."""
_LENGTH = 2
_STATUS = 3


class FrameFault(StrEnum):
    """Why bytes were no frame."""

    CHECKSUM = "checksum"
    LENGTH = "length"


@dataclass(frozen=True)
class SdtAnswer:
    """What a reader answers; the last of the three status bytes tells how it went."""

    status: bytes
    data: bytes = field(default=b"", repr=False)

    @property
    def code(self) -> int:
        """Return SW3."""
        return self.status[2]


@dataclass(frozen=True)
class Taken:
    """One frame, or what was wrong with it, and what came behind it."""

    answer: SdtAnswer | FrameFault
    rest: bytes = field(repr=False)


def encode_command(command: int, parameter: int, data: bytes = b"") -> bytes:
    """Return a command's frame."""
    return _frame(bytes((command, parameter)) + data)


def encode_answer(answer: SdtAnswer) -> bytes:
    """Return an answer's frame, as a reader sends it."""
    return _frame(answer.status + answer.data)


def take_answer(received: bytes) -> Taken | None:
    """Take the first answer out of what came so far; None while it is not whole. Noise before it is passed over."""
    content = take_content(received, _STATUS)
    if content is None:
        return None
    found, rest = content
    return Taken(found if isinstance(found, FrameFault) else SdtAnswer(found[:_STATUS], found[_STATUS:]), rest)


def take_content(received: bytes, least: int) -> tuple[bytes | FrameFault, bytes] | None:
    """Take the first frame's bytes between length and xor, and what came behind it; None while it is not whole.

    `least` is how many bytes they must be: three of a status, two of a command.
    """
    start = received.find(PREAMBLE)
    if start < 0:
        return None
    while True:
        body = received[start + len(PREAMBLE) :]
        if len(body) < _LENGTH:
            return None
        length = int.from_bytes(body[:_LENGTH])
        if least < length <= LONGEST:
            break
        # Noise may look like a preamble; a frame may still stand behind it.
        start = received.find(PREAMBLE, start + 1)
        if start < 0:
            return FrameFault.LENGTH, body
    whole = _LENGTH + length
    if len(body) < whole:
        return None
    if _xor(body[:whole]) != 0:
        return FrameFault.CHECKSUM, body[whole:]
    return body[_LENGTH : whole - 1], body[whole:]


def _frame(content: bytes) -> bytes:
    body = (len(content) + 1).to_bytes(_LENGTH) + content
    return PREAMBLE + body + bytes((_xor(body),))


def _xor(data: bytes) -> int:
    return reduce(xor, data, 0)
