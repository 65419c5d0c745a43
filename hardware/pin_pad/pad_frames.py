"""How a serial pad frames its keys, and the keys in a stream of its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor

ENTER, CANCEL, BACK = "enter", "cancel", "back"
KEY_WORDS = frozenset({*"0123456789", ENTER, CANCEL, BACK})
BYTE_OF_KEY, BYTE_OF_CHECK = "kk", "xx"


@dataclass(frozen=True)
class PadFrames:
    """How one make of pad speaks; `timeout` in seconds for a whole entry."""

    baud: int
    begin: bytes
    end: bytes
    frame: tuple[str, ...]
    keys: Mapping[int, str]
    timeout: float
    most: int
    """Digits that it takes at the most."""


def key_frame(frames: PadFrames, code: int) -> bytes:
    """Build the frame of a key's code."""
    made = bytearray()
    for part in frames.frame:
        made.append(code if part == BYTE_OF_KEY else reduce(xor, made, 0) if part == BYTE_OF_CHECK else int(part, 16))
    return bytes(made)


def keys_in(frames: PadFrames, stream: Iterable[int]) -> Iterator[str]:
    """Yield the words of the keys in a stream of bytes; what is no whole frame is passed over."""
    meant = {key_frame(frames, code): word for code, word in frames.keys.items()}
    window = bytearray()
    for byte in stream:
        window.append(byte)
        word = meant.get(bytes(window[-len(frames.frame) :]))
        if word is not None:
            window[:] = bytes(len(window))
            window.clear()
            yield word
        elif len(window) >= len(frames.frame):
            window[0] = 0
            del window[0]
