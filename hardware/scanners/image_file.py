"""QR codes and receipt bar codes in image files: zxing-cpp, then once more on a repaired contrast (platform.md)."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import zxingcpp
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

_PLAIN = "zxing-cpp"
_REPAIRED = "zxing-cpp+contrast"
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])


@dataclass(frozen=True)
class ScanResult:
    """What was found in one file; `text` None where nothing is found, `decoder` the one that tried last."""

    file: str
    text: str | None
    decoder: str
    ms: float
    """Decoding time in milliseconds, opening the file included."""


@dataclass(frozen=True)
class UnreadableImage:
    """A file that is not there or is no image."""

    file: str


def scan_image(path: Path) -> ScanResult | UnreadableImage:
    """Decode the first code in an image of any format that Pillow opens."""
    begun = time.perf_counter()
    try:
        with warnings.catch_warnings():
            # Pillow warns of an image that would fill the memory; here that is a file not to be read.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                image = opened.convert("L")
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return UnreadableImage(str(path))
    decoder, text = _PLAIN, _decode(image)
    if text is None:
        decoder, text = _REPAIRED, _decode(_repair(image))
    return ScanResult(str(path), text, decoder, round((time.perf_counter() - begun) * 1000, 2))


def _decode(image: Image.Image) -> str | None:
    found = zxingcpp.read_barcodes(image, formats=_FORMATS)
    return next((code.text for code in found if code.text), None)


def _repair(image: Image.Image) -> Image.Image:
    stretched = ImageOps.autocontrast(image, cutoff=5)
    return stretched.filter(ImageFilter.UnsharpMask(radius=3, percent=200, threshold=0))
