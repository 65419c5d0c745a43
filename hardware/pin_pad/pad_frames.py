"""The frame table of serial pads, and the keys in a stream of their bytes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path

TABLE = Path(__file__).with_name("frames.toml")
ENTER, CANCEL, BACK = "enter", "cancel", "back"
_WORDS = frozenset({*"0123456789", ENTER, CANCEL, BACK})
_KEY, _CHECK = "kk", "xx"


class PadTableError(Exception):
    """A row of the table that cannot be used; names the pad."""


@dataclass(frozen=True)
class PadFrames:
    """How one make of pad speaks; `timeout` in seconds for a whole entry."""

    baud: int
    begin: bytes
    end: bytes
    frame: tuple[str, ...]
    keys: Mapping[int, str]
    timeout: float


def load_pad(name: str, path: Path = TABLE) -> PadFrames:
    """Read one pad's row; raises PadTableError."""
    row = tomllib.loads(path.read_text(encoding="utf-8")).get(name)
    if not isinstance(row, dict):
        raise PadTableError(f"{name}: there is no such pad")
    try:
        keys = {int(code, 16): word for code, word in row["keys"].items()}
        frame = tuple(row["frame"].split())
        read = PadFrames(
            row["baud"], bytes.fromhex(row["begin"]), bytes.fromhex(row["end"]), frame, keys, float(row["timeout_s"])
        )
        for part in set(frame) - {_KEY, _CHECK}:
            bytes.fromhex(part)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise PadTableError(f"{name}: {type(error).__name__} {error}") from error
    if frame.count(_KEY) != 1 or set(keys.values()) != _WORDS:
        raise PadTableError(f"{name}: a frame has one kk, and ten digits, enter, cancel and back have a code each")
    return read


def key_frame(frames: PadFrames, code: int) -> bytes:
    """Build the frame of a key's code."""
    made = bytearray()
    for part in frames.frame:
        made.append(code if part == _KEY else reduce(xor, made, 0) if part == _CHECK else int(part, 16))
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
