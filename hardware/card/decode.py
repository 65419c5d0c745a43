"""Values of elements: BCD with F fill, GBK text with its fillers, dates (card.md 1.2)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

_DATE_DIGITS = 8
_FILLERS = b"\x00\x20\xff"


@dataclass(frozen=True)
class Undecodable:
    """Bytes that mean nothing in their encoding; the bytes themselves are personal and stay out."""


def decode_hex(raw: bytes) -> str | None:
    """Return the digits, hexadecimal ones included, in capitals; None when wholly FF (not written)."""
    return None if _blank(raw) else raw.hex().upper()


def decode_digits(raw: bytes) -> str | Undecodable | None:
    """Return BCD digits without their F fill; None when nothing is written."""
    digits = raw.hex().upper().rstrip("F")
    if not digits:
        return None
    return digits if digits.isdigit() else Undecodable()


def decode_date(raw: bytes) -> date | Undecodable | None:
    """Return YYYYMMDD as a date; None when wholly FF or 00."""
    digits = decode_digits(raw)
    if digits is None or isinstance(digits, Undecodable):
        return digits
    if not digits.strip("0"):
        return None
    if len(digits) != _DATE_DIGITS:
        return Undecodable()
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return Undecodable()


def strip_fill(raw: bytes) -> bytes:
    """Take trailing 00, 20 and FF off; none of them ends a GB 18030 character."""
    return raw.rstrip(_FILLERS)


def decode_text(raw: bytes) -> str | Undecodable | None:
    """Return text in GB 18030, of which GBK is a part; None when nothing is written."""
    stripped = strip_fill(raw)
    if not stripped:
        return None
    try:
        text = stripped.decode("gb18030")
    except UnicodeDecodeError:
        return Undecodable()
    # Not str.isprintable: rare characters of old cards sit in the private use area.
    return Undecodable() if any(unicodedata.category(character) == "Cc" for character in text) else text


def join_name(name: bytes, extension: bytes) -> bytes:
    """Join 姓名 and 姓名扩展 before decoding, for a four-byte character may lie across both.

    A space that ends 姓名 is fill, but after a Latin letter of a name that goes on: there it parts two words.
    """
    rest, begun = strip_fill(extension), strip_fill(name)
    parted = rest and name[len(begun) : len(begun) + 1] == b" " and _ends_latin(begun)
    return begun + (b" " if parted else b"") + rest


def _ends_latin(text: bytes) -> bool:
    try:
        last = text.decode("gb18030")[-1:]
    except UnicodeDecodeError:
        return False
    return last.isascii() and last.isalpha()


def _blank(raw: bytes) -> bool:
    return not raw.strip(b"\xff")
