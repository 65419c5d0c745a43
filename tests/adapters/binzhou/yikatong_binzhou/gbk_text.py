"""Texts and forms in GBK: a character that GBK does not have travels as `&#NUMBER;`, and so does every `&`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote_from_bytes, unquote_to_bytes

_REFERENCE = re.compile(r"&#(\d{1,7});")
_LARGEST = 0x10FFFF


def referenced(text: str) -> str:
    """Return a text in which every character is one of GBK."""
    return text.replace("&", "&#38;").encode("gbk", "xmlcharrefreplace").decode("gbk")


def resolved(value: object) -> object:
    """Return a value of a reply with every text in it as it was meant."""
    if isinstance(value, str):
        return _REFERENCE.sub(_character, value)
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if isinstance(value, dict):
        return {name: resolved(item) for name, item in value.items()}
    return value


def to_form(fields: Mapping[str, str]) -> bytes:
    """Encode fields as application/x-www-form-urlencoded in GBK."""
    pairs = (f"{name}={quote_from_bytes(referenced(value).encode('gbk'))}" for name, value in fields.items())
    return "&".join(pairs).encode("ascii")


def from_form(data: bytes) -> dict[str, str]:
    """Decode a form; raises UnicodeDecodeError."""
    pairs = (part.partition(b"=") for part in data.split(b"&") if part)
    return {
        name.decode("ascii"): _REFERENCE.sub(_character, unquote_to_bytes(value.replace(b"+", b" ")).decode("gbk"))
        for name, _, value in pairs
    }


def _character(found: re.Match[str]) -> str:
    number = int(found[1])
    return chr(number) if number <= _LARGEST else found[0]
