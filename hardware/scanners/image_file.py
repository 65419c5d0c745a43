"""QR codes and receipt bar codes in image files: the whole decoder chain on one picture."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from hardware.scanners.decoder_chain import decode, second_opinion


@dataclass(frozen=True)
class ScanResult:
    """What was found in one file; `decoder` is the one that tried last."""

    file: str
    texts: tuple[str, ...] = field(repr=False)
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
    found = decode(np.asarray(image, dtype=np.uint8), second_opinion())
    texts = tuple(code.text for code in found.codes)
    return ScanResult(str(path), texts, found.decoder, round((time.perf_counter() - begun) * 1000, 2))


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("L")
