"""Keeps persons out of a text that is going to be logged: numbers, keys, codes, and the names that are known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LEAST_NAME = 2
"""A name of one character is not looked for: it would be found in ordinary words."""

# An op_id is no personal data, and what a log is about; it would look like a code or a number.
_UUID = r"(?P<uuid>(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z]))"
# Bytes as Python shows them may be a name, a number or a key in any encoding.
_BYTES = r"(?P<bytes>b(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|bytearray\(b.*?\))"
# Keys, digests, card ids, envelopes.
_HEX = r"(?P<hex>(?:[0-9a-fA-F]{2}[ :]?){15,}[0-9a-fA-F]{2})"
# E-card codes and keys in base 64, in the alphabet of addresses or padded: long, with digits and letters.
_CODE = r"(?P<code>[A-Za-z0-9+/]{22,}={1,2}|(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[A-Za-z0-9_+=-]{24,})"
# Citizen, account and telephone numbers, bare or in groups; full-width digits too.
_NUMBER = r"(?P<number>\d(?:[  　-]?\d){10,}[XxＸｘ]?)"
# The nine characters on a card's face.
_CARD = r"(?P<card>(?<![0-9A-Za-z])[A-Za-z][0-9A-Za-z]{2}\d{5}[\dXx](?![0-9A-Za-z]))"
_SHAPES = re.compile("|".join((_UUID, _BYTES, _HEX, _CODE, _CARD, _NUMBER)), re.DOTALL)
_DOTS = r"[\s·•‧・．.]*"


class Redactor:
    """What is taken out of texts: the shapes above, and names that it was told of."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def know(self, names: Iterable[str | None]) -> None:
        """Take these names out from now on."""
        new = {name.strip(): None for name in names if name and len(name.strip()) >= LEAST_NAME}
        if new.keys() - self._names.keys():
            self._names |= new
            written = sorted((way for name in self._names for way in _ways(name)), key=len, reverse=True)
            self._pattern = re.compile("|".join(written), re.IGNORECASE)

    def forget(self) -> None:
        """Know no name any more."""
        self._names.clear()
        self._pattern = None

    def clean(self, text: str) -> str:
        """Return the text without them; each is told by its kind."""
        pattern = self._pattern
        named = text if pattern is None else pattern.sub("[name]", text)
        return _SHAPES.sub(_kind, named)


def _kind(found: re.Match[str]) -> str:
    return found.group() if found.lastgroup == "uuid" else f"[{found.lastgroup}]"


def _ways(name: str) -> Iterable[str]:
    """Return patterns of a name: however it is spaced and dotted, escaped, or shown in hexadecimal."""
    letters = [letter for letter in unicodedata.normalize("NFC", name) if letter.isalnum()]
    if letters:
        yield _DOTS.join(map(re.escape, letters))
    yield re.escape(name)
    yield re.escape(ascii(name)[1:-1])
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        encoded = name.encode(encoding, errors="replace")
        yield re.escape(encoded.hex())
        yield re.escape(repr(encoded)[2:-1])
