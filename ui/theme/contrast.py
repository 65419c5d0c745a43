"""How far two colours stand apart (WCAG 2.2, relative luminance)."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1."""
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)
