"""The answer to reset: where its historical bytes are (ISO 7816-3 8.2)."""

from __future__ import annotations


def historical_bytes(atr: bytes) -> bytes:
    """Return the historical bytes; as many as there are when the ATR is cut short, none when it is no ATR."""
    if len(atr) < 2:
        return b""
    count, at, present = atr[1] & 0x0F, 2, atr[1] >> 4
    while present:
        following = present & 0b1000
        at += present.bit_count()
        if not following or at > len(atr):
            break
        present = atr[at - 1] >> 4
    return atr[at : at + count]
