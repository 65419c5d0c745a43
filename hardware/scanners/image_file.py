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
    """What was found in one file; `decoder` is the one that tried last."""

    file: str
    texts: tuple[str, ...]
    """Every text once, from top to bottom; characters as they are in the code, control characters too."""
    decoder: str
    ms: float
    """Decoding time in milliseconds, opening the file included."""

    @property
    def text(self) -> str | None:
        """Return the topmost code, or None."""
        return self.texts[0] if self.texts else None


@dataclass(frozen=True)
class UnreadableImage:
    """A file that is not there, is no file (a pipe would be waited for), or is no image."""

    file: str


def scan_image(path: Path) -> ScanResult | UnreadableImage:
    """Decode the codes in an image of any format that Pillow opens; what is transparent counts as white."""
    begun = time.perf_counter()
    try:
        if not path.is_file():
            return UnreadableImage(str(path))
        with warnings.catch_warnings():
            # Pillow warns of an image that would fill the memory; here that is a file not to be read.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                image = _on_white(opened)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return UnreadableImage(str(path))
    decoder, found = _PLAIN, _decode(image)
    if not found:
        decoder, found = _REPAIRED, _decode(_repair(image))
    return ScanResult(str(path), found, decoder, round((time.perf_counter() - begun) * 1000, 2))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("L")


def _decode(image: Image.Image) -> tuple[str, ...]:
    found = zxingcpp.read_barcodes(image, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
    ordered = sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    # A receipt bears its number as a bar code and as a QR code: that is one text.
    return tuple(dict.fromkeys(code.text for code in ordered if code.text))


def _repair(image: Image.Image) -> Image.Image:
    stretched = ImageOps.autocontrast(image, cutoff=5)
    return stretched.filter(ImageFilter.UnsharpMask(radius=3, percent=200, threshold=0))
