"""Repairs of a grey picture before a second try: what blur, dim light and glare took from a code is brought back.

Each repair wins other frames than the next; the bench's frames chose the order (tests/bench/test_decoder_bench.py).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
"""A grey picture: rows × columns, 0 is black."""

_LEAST_DEVIATION = 9.0
"""Below this variance a neighbourhood is flat, and its noise is not to be made into a pattern."""


def sharpened(image: Gray) -> Gray:
    """Undo blur: the picture plus twice what a wide blur takes from it."""
    return np.asarray(cv2.addWeighted(image, 3.0, cv2.GaussianBlur(image, (0, 0), 2.5), -2.0, 0), dtype=np.uint8)


def levelled(image: Gray) -> Gray:
    """Undo uneven light and the rim of glare: each pixel by mean and deviation of the 25 pixels around it."""
    light = image.astype(np.float32)
    mean = cv2.blur(light, (25, 25))
    variance = cv2.blur(light * light, (25, 25)) - mean * mean
    scaled = (light - mean) / np.sqrt(np.maximum(variance, _LEAST_DEVIATION)) * 60 + 128
    return np.clip(scaled, 0, 255).astype(np.uint8)


def equalised(image: Gray) -> Gray:
    """Undo poor contrast: CLAHE, then an unsharp mask."""
    even = cv2.createCLAHE(3.0, (8, 8)).apply(image)
    return np.asarray(cv2.addWeighted(even, 2.0, cv2.GaussianBlur(even, (0, 0), 3), -1.0, 0), dtype=np.uint8)


REPAIRS: tuple[Callable[[Gray], Gray], ...] = (sharpened, levelled, equalised)
