"""The receipt's fonts: a text font, its bold, and a fallback for the rare characters of names, chosen character by
character. A character that no font has is shown as 〓 with its code point, never as an empty box."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics, ttfonts

REGULAR = "Yikatong-Regular"
BOLD = "Yikatong-Bold"
RARE = "Yikatong-Rare"

_FILES = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf", RARE: "YikatongFallback.ttf"}
_SPACES = dict.fromkeys(map(ord, "\t\u00a0\u2002\u2003\u2009\u202f"), " ") | {ord("\r"): None}


class ReceiptFonts:
    """Fonts of a folder, registered with reportlab once a process; the large fallback is read when first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ttfonts.makeToUnicodeCMap = to_unicode_cmap
        self._glyphs = {name: self._register(name) for name in (REGULAR, BOLD)}

    def visible(self, text: str) -> str:
        """Return the text with every character that no font has replaced by 〓(U+XXXX)."""
        return "".join(
            char if char == "\n" or self._font_of(char, REGULAR) is not None else f"〓(U+{ord(char):04X})"
            for char in text.translate(_SPACES)
        )

    def runs(self, text: str, font: str = REGULAR) -> list[tuple[str, str]]:
        """Split a visible text into (font name, piece)."""
        return [
            (name, "".join(piece)) for name, piece in groupby(text, key=lambda char: self._font_of(char, font) or font)
        ]

    def width(self, text: str, size: float, font: str = REGULAR) -> float:
        """Measure a visible text in points."""
        return sum(float(pdfmetrics.stringWidth(piece, name, size)) for name, piece in self.runs(text, font))

    def _font_of(self, char: str, font: str) -> str | None:
        if ord(char) in self._glyphs[font]:
            return font
        if RARE not in self._glyphs:
            self._glyphs[RARE] = self._register(RARE)
        return RARE if ord(char) in self._glyphs[RARE] else None

    def _register(self, name: str) -> frozenset[int]:
        """Register one font and return the code points it draws."""
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(ttfonts.TTFont(name, str(self._folder / _FILES[name])))
        return frozenset(pdfmetrics.getFont(name).face.charToGlyph)


def to_unicode_cmap(fontname: str, subset: Sequence[int]) -> str:
    """Build a font subset's ToUnicode CMap (ISO 32000-1 9.10.3): UTF-16BE values, at most 100 a block.

    Takes the place of reportlab 5.1's `makeToUnicodeCMap`, which writes code points above U+FFFF as five hex digits, so
    that 𠮷 extracts as another character, and puts all 256 entries into one block.
    """
    entries = [f"<{code:02X}> <{_utf16(char)}>" for code, char in enumerate(subset)]
    blocks = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo",
        f"<< /Registry ({fontname})",
        f"/Ordering ({fontname})",
        "/Supplement 0",
        ">> def",
        f"/CMapName /{fontname} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        f"<00> <{len(subset) - 1:02X}>",
        "endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])


def _utf16(code_point: int) -> str:
    return chr(code_point).encode("utf-16-be").hex().upper()
