"""Commands as a chip receives them: short APDUs taken apart (ISO 7816-4 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

Answer = tuple[bytes, int]
"""Data and status word of one command."""

MAC_LENGTH = 4


@dataclass(frozen=True, repr=False)
class CommandApdu:
    """One command; `le` 1 to 256, None where nothing is asked for. Not printed: its data may be a PIN."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None

    @property
    def signed(self) -> bytes:
        """Return what the MAC at the end covers: the header, Lc that counts the MAC, and the data."""
        return bytes([self.cla, self.ins, self.p1, self.p2, len(self.data)]) + self.data[:-MAC_LENGTH]


def parse_command(apdu: bytes) -> CommandApdu | None:
    """Take a short APDU of any case apart, at least four bytes; None when Lc and the length disagree."""
    cla, ins, p1, p2 = apdu[:4]
    if len(apdu) == 4:
        return CommandApdu(cla, ins, p1, p2, b"", None)
    if len(apdu) == 5:
        return CommandApdu(cla, ins, p1, p2, b"", apdu[4] or 256)
    end = 5 + apdu[4]
    if len(apdu) == end:
        return CommandApdu(cla, ins, p1, p2, apdu[5:end], None)
    if len(apdu) == end + 1:
        return CommandApdu(cla, ins, p1, p2, apdu[5:end], apdu[end] or 256)
    return None
