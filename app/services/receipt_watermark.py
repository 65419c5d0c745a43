"""Words across a page that take the paper's force away: a picture, so that they never mix with the text when copied."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_SCALE = 2
_ANGLE = 16
_SHADE = 232
_LARGEST, _SMALLEST = 46, 16


def watermark(words: str, width: int, height: int, font: Path) -> Image.Image:
    """Draw words in light grey on white, rising across a page of that many points, at 144 dots an inch."""
    size = _LARGEST
    while size > _SMALLEST and ImageFont.truetype(font, size).getlength(words) > width * 0.85:
        size -= 2
    picture = Image.new("L", (width * _SCALE, height * _SCALE), 255)
    drawn = ImageFont.truetype(font, size * _SCALE)
    centre = (picture.width / 2, picture.height / 2)
    ImageDraw.Draw(picture).text(centre, words, fill=_SHADE, font=drawn, anchor="mm")
    return picture.rotate(_ANGLE, resample=Image.Resampling.BICUBIC, fillcolor=255)
