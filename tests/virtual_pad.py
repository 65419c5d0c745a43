"""A 密码键盘 on a pseudo-terminal: strikes the keys that it is given once it is told to begin an entry."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hardware.pin_pad.pad_frames import PadFrames, key_frame


@dataclass
class VirtualPad:
    """Where it is connected, and what it was sent."""

    port: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def virtual_pad(frames: PadFrames, *entries: Sequence[str], hang_up: bool = False) -> Iterator[VirtualPad]:
    """Connect a pad whose holder enters the words of each entry in turn; `hang_up` pulls it out after the first."""
    line, port = os.openpty()
    pad = VirtualPad(os.ttyname(port))
    codes = {word: code for code, word in frames.keys.items()}

    def strike() -> None:
        for words in entries:
            pad.heard.append(_read(line, len(frames.begin)))
            os.write(line, b"".join(key_frame(frames, codes[word]) for word in words))
            if hang_up:
                os.close(line)
                return
            pad.heard.append(_read(line, len(frames.end)))

    holder = threading.Thread(target=strike, daemon=True)
    holder.start()
    try:
        yield pad
    finally:
        holder.join(5)
        os.close(port)
        if not hang_up:
            os.close(line)


def _read(line: int, count: int) -> bytes:
    """Read so many bytes, and none of what follows them."""
    found = b""
    while len(found) < count:
        found += os.read(line, count - len(found))
    return found
