"""Command APDUs, and one exchange with everything that T=0 adds to it (ISO 7816-4, card.md 2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.card.status_word import StatusWord, more_bytes, right_length
from hardware.ports import CardChannel, CardFaultKind, CardGone

_MOST_PARTS = 64


@dataclass(frozen=True)
class Response:
    """What a card answered: all data joined, and the last status word."""

    data: bytes
    status: int

    @property
    def ok(self) -> bool:
        """Tell whether the command was carried out."""
        return self.status == StatusWord.OK


def command(ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None, *, cla: int = 0x00) -> bytes:
    """Build a short APDU; `le` 1 to 256 bytes. Raises ValueError for what does not fit a short APDU."""
    if len(data) > 255 or (le is not None and not 0 <= le <= 256):
        raise ValueError("not a short APDU")
    body = bytes([len(data)]) + data if data else b""
    tail = b"" if le is None else bytes([le & 0xFF])
    return bytes([cla, ins, p1, p2]) + body + tail


def select_by_name(name: bytes) -> bytes:
    """Build SELECT by application name; without Le, so that T=0 and T=1 readers take it alike."""
    return command(0xA4, 0x04, 0x00, name)


def read_record(sfi: int, number: int, le: int) -> bytes:
    """Build READ RECORD by number in the file of a short identifier; `le` is value length + 2."""
    return command(0xB2, number, sfi << 3 | 0b100, le=le)


def get_challenge(length: int) -> bytes:
    """Build GET CHALLENGE for 4, 8 or 16 bytes."""
    return command(0x84, 0x00, 0x00, le=length)


def internal_authenticate(process: bytes, original: bytes) -> bytes:
    """Build INTERNAL AUTHENTICATE: 过程因子 8 bytes, 原始信息 8 bytes."""
    return command(0x88, 0x00, 0x00, process + original)


def external_authenticate(key_id: int, proof: bytes, original: bytes) -> bytes:
    """Build EXTERNAL AUTHENTICATE: 鉴别数据 8 bytes, 原始信息 8 bytes."""
    return command(0x82, 0x00, key_id, proof + original)


def get_response(length: int) -> bytes:
    """Build GET RESPONSE."""
    return command(0xC0, 0x00, 0x00, le=length)


def exchange(channel: CardChannel, apdu: bytes) -> Response:
    """Send a command; reissue it on 6Cxx, fetch the rest on 61xx, take an immediate answer as it is.

    Raises CardGone from the channel, and CardGone(MALFORMED) for a card that never comes to an end.
    """
    data, status = channel.transmit(apdu)
    wanted = right_length(status)
    if wanted is not None:
        data, status = channel.transmit(_with_le(apdu, wanted))
    parts = [data]
    for _ in range(_MOST_PARTS):
        more = more_bytes(status)
        if more is None:
            return Response(b"".join(parts), status)
        data, status = channel.transmit(get_response(more))
        parts.append(data)
    raise CardGone(CardFaultKind.MALFORMED, "61xx without end")


def _with_le(apdu: bytes, le: int) -> bytes:
    without_le = apdu[: 5 + apdu[4]] if len(apdu) > 5 else apdu[:4]
    return without_le + bytes([le & 0xFF])
