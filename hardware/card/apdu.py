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


def select_file(file_id: bytes) -> bytes:
    """Build SELECT of an elementary file in the current directory; it returns no FCI."""
    return command(0xA4, 0x02, 0x00, file_id)


def read_by_tag(tag: int, le: int, *, sfi: int = 0, following: bool = False) -> bytes:
    """Build READ RECORD by identifier: the first record of a tag, or the one that follows the last one read.

    `sfi` 0 is the current file; `le` is value length + 2.
    """
    return command(0xB2, tag, sfi << 3 | (0b010 if following else 0b000), le=le)


def read_binary(offset: int, le: int, *, sfi: int = 0) -> bytes:
    """Build READ BINARY; with an `sfi` the offset is below 256, in the current file below 32768."""
    if sfi:
        return command(0xB0, 0x80 | sfi, offset, le=le)
    return command(0xB0, offset >> 8, offset & 0xFF, le=le)


def get_challenge(length: int) -> bytes:
    """Build GET CHALLENGE for 4, 8 or 16 bytes."""
    return command(0x84, 0x00, 0x00, le=length)


def internal_authenticate(process: bytes, original: bytes) -> bytes:
    """Build INTERNAL AUTHENTICATE: 过程因子 8 bytes, 原始信息 8 bytes."""
    return command(0x88, 0x00, 0x00, process + original)


def external_authenticate(key_id: int, proof: bytes, original: bytes) -> bytes:
    """Build EXTERNAL AUTHENTICATE: 鉴别数据 8 bytes, 原始信息 8 bytes."""
    return command(0x82, 0x00, key_id, proof + original)


def verify(pin: bytes = b"") -> bytes:
    """Build VERIFY of a PIN in BCD, 2 to 8 bytes; without one (Lc 00) it asks for the tries left."""
    return command(0x20, 0x00, 0x00, pin) if pin else bytes.fromhex("0020000000")


def change_pin(old: bytes, new: bytes) -> bytes:
    """Build CHANGE PIN, both in BCD."""
    return command(0x5E, 0x01, 0x00, old + b"\xff" + new, cla=0x80)


def pin_unblock(sealed: bytes, mac: bytes) -> bytes:
    """Build PIN CHANGE/UNBLOCK: without enciphered PIN it unblocks only. `mac` is 4 bytes."""
    return command(0x24, 0x00, 0x01 if sealed else 0x00, sealed + mac, cla=0x84)


def psam_environment(card_id_start: int) -> bytes:
    """Build the PSAM's initialisation for a card, by the first byte of its 识别码 (card.md 2.5)."""
    return command(0xEC, 0x00, 0x00, bytes([card_id_start]), cla=0xBF)


def psam_session_key(usage: int, key_id: int, factors: bytes, random: bytes) -> bytes:
    """Build the PSAM's delivery of a session key; `factors` 8 bytes a level, the card's first."""
    return command(0xDE, usage, key_id, factors + random, cla=0xBF)


def psam_cipher(block: bytes) -> bytes:
    """Build the PSAM's encryption of one block under the session key."""
    return command(0xFA, 0x00, 0x00, block, cla=0x80)


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
