"""Codes in a grey picture: zxing-cpp, then again on repaired contrast, then pyzbar where it loads (platform.md)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import zxingcpp

from hardware.scanners.contrast import REPAIRS, Gray

_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])


class Decoder(StrEnum):
    """Which part of the chain tried last."""

    PLAIN = "zxing-cpp"
    REPAIRED = "zxing-cpp+contrast"
    SECOND_OPINION = "pyzbar"


@dataclass(frozen=True)
class Box:
    """Where a code stands: left and top, right and bottom (excluded), in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def moved(self, right: int, down: int) -> Box:
        """Return the box by other axes."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def widened(self, share: float, width: int, height: int) -> Box:
        """Return the box with a margin of a share of its own sides, cut off at the picture's."""
        across, down = int((self.right - self.left) * share), int((self.bottom - self.top) * share)
        return Box(
            max(0, self.left - across),
            max(0, self.top - down),
            min(width, self.right + across),
            min(height, self.bottom + down),
        )


@dataclass(frozen=True)
class FoundCode:
    """A text with control characters as they are in the code, and its place."""

    text: str = field(repr=False)
    box: Box


@dataclass(frozen=True)
class Decoded:
    """What a picture holds, from top to bottom, each text once; empty where nothing was found."""

    codes: tuple[FoundCode, ...]
    decoder: Decoder


SecondOpinion = Callable[[Gray], tuple[FoundCode, ...]]


def decode(image: Gray, second: SecondOpinion | None = None) -> Decoded:
    """Try everything until something is found."""
    found = decode_plain(image)
    if found:
        return Decoded(found, Decoder.PLAIN)
    for number in range(len(REPAIRS)):
        found = decode_repaired(image, number)
        if found:
            return Decoded(found, Decoder.REPAIRED)
    if second is None:
        return Decoded((), Decoder.REPAIRED)
    return Decoded(second(image), Decoder.SECOND_OPINION)


def decode_plain(image: Gray) -> tuple[FoundCode, ...]:
    """Decode a picture as it is."""
    found = zxingcpp.read_barcodes(image, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
    ordered = sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    codes: dict[str, FoundCode] = {}
    for code in ordered:
        if code.text:
            # A receipt bears its number as a bar code and as a QR code: that is one text.
            codes.setdefault(code.text, FoundCode(code.text, _box(code.position)))
    return tuple(codes.values())


def decode_repaired(image: Gray, number: int) -> tuple[FoundCode, ...]:
    """Decode a picture after the repair of a number, which counts round."""
    return decode_plain(REPAIRS[number % len(REPAIRS)](image))


def second_opinion() -> SecondOpinion | None:
    """Load pyzbar, or return None: the Windows bundle is without it, and Linux may lack libzbar."""
    try:
        pyzbar = importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError):
        return None

    def ask(image: Gray) -> tuple[FoundCode, ...]:
        symbols = (pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128)
        found: dict[str, FoundCode] = {}
        for code in pyzbar.decode(np.ascontiguousarray(image), symbols=symbols):
            left, top, width, height = code.rect
            text = code.data.decode("utf-8", "replace")
            # A text that is not UTF-8 may have been guessed wrongly: none is better than a wrong one.
            if text and "\ufffd" not in text:
                found.setdefault(text, FoundCode(text, Box(left, top, left + width, top + height)))
        return tuple(sorted(found.values(), key=lambda code: (code.box.top, code.box.left)))

    return ask


def _box(position: zxingcpp.Position) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return Box(min(across), min(down), max(across), max(down))
