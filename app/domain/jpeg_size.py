"""Width and height of a JPEG, read from its frame header without decoding it (ITU-T T.81 B.2.2)."""

from __future__ import annotations

_START = b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels, or None for what is no JPEG."""
    if not data.startswith(_START):
        return None
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _ALONE:
            return None
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            frame = data[at + 5 : at + 9]
            size = int.from_bytes(frame[2:], "big"), int.from_bytes(frame[:2], "big")
            return size if len(frame) == 4 and all(size) else None
        at += 2 + length
    return None
