"""Records of the card (tag, length, value) and the little BER-TLV that SELECT answers with."""

from __future__ import annotations

from dataclasses import dataclass

_FILL = b"\x00\xff"


@dataclass(frozen=True)
class Tlv:
    """One element; `tag` as read, such as 0x9F0C."""

    tag: int
    value: bytes


@dataclass(frozen=True)
class Malformed:
    """Bytes that are no TLV, and why."""

    reason: str


def parse_record(raw: bytes) -> Tlv | Malformed:
    """Read one record: tag 1 byte, length 1 byte, that many bytes (card.md 1.2), and behind them fill of 00 or FF."""
    if len(raw) < 2:
        return Malformed("shorter than tag and length")
    end = 2 + raw[1]
    if end > len(raw) or (raw[end:].strip(b"\x00") and raw[end:].strip(b"\xff")):
        return Malformed(f"length {raw[1]} of {len(raw) - 2}")
    return Tlv(raw[0], raw[2:end])


def parse_records(raw: bytes) -> tuple[Tlv, ...] | Malformed:
    """Read a run of records, as READ RECORD gives them from one to the last and as a nested value holds them.

    Fill of 00 or FF at the end, where a tag would stand, ends the run.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(raw) and raw[at:].strip(b"\x00") and raw[at:].strip(b"\xff"):
        if at + 1 >= len(raw):
            return Malformed("no length")
        end = at + 2 + raw[at + 1]
        if end > len(raw):
            return Malformed("value ends early")
        found.append(Tlv(raw[at], raw[at + 2 : end]))
        at = end
    return tuple(found)


def parse_ber(raw: bytes) -> tuple[Tlv, ...] | Malformed:
    """Read a run of BER-TLV with tags of one or two bytes and lengths below 65536 (ISO 7816-4 5.2.2).

    Bytes 00 and FF where a tag would stand are fill and mean nothing.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(raw):
        if raw[at] in _FILL:
            at += 1
            continue
        tag, at = raw[at], at + 1
        if tag & 0x1F == 0x1F:
            if at >= len(raw):
                return Malformed("tag ends early")
            tag, at = tag << 8 | raw[at], at + 1
        if at >= len(raw):
            return Malformed("no length")
        length, at = raw[at], at + 1
        if length > 0x7F:
            count = length & 0x7F
            if count not in (1, 2) or at + count > len(raw):
                return Malformed("length of length")
            length, at = int.from_bytes(raw[at : at + count]), at + count
        if at + length > len(raw):
            return Malformed("value ends early")
        found.append(Tlv(tag, raw[at : at + length]))
        at += length
    return tuple(found)


def find(raw: bytes, *path: int) -> bytes | Malformed | None:
    """Walk nested BER-TLV along tags; None when a tag is not there."""
    value = raw
    for tag in path:
        children = parse_ber(value)
        if isinstance(children, Malformed):
            return children
        child = next((child for child in children if child.tag == tag), None)
        if child is None:
            return None
        value = child.value
    return value
