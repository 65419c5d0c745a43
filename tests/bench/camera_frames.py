"""Seeded camera-like frames of QR codes, 1280×720 grey, in four hardness classes (platform.md "QR decoding").

Each class adds to the one before: a phone held still in good light; turned, farther away and noisy; dim, blurred and
unevenly lit; glare of the hall's lamps on the screen, motion, and a poor camera's JPEG.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

WIDTH, HEIGHT = 1280, 720
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

Gray = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]


class Hardness(IntEnum):
    """What was done to a frame."""

    STILL = 0
    TURNED = 1
    DIM = 2
    GLARE = 3


@dataclass(frozen=True)
class CameraFrame:
    """A frame and the text that stands in its code."""

    text: str
    hardness: Hardness
    image: Gray


def frames(seed: int, each: int) -> Iterator[CameraFrame]:
    """Make `each` frames of every class; the same seed gives the same frames."""
    for hardness in Hardness:
        for number in range(each):
            yield make_frame(np.random.default_rng([seed, hardness, number]), hardness)


def make_frame(rng: np.random.Generator, hardness: Hardness) -> CameraFrame:
    """Draw a fictional e-card code into a scene, and spoil it."""
    text = "".join(rng.choice(list(ALPHABET), int(rng.integers(20, 65))))
    light = _placed(_code(text), rng, hardness)
    if hardness >= Hardness.DIM:
        light = _uneven(light, rng)
        light = cv2.GaussianBlur(light, (0, 0), float(rng.uniform(1.0, 3.0)))
    if hardness is Hardness.GLARE:
        light = _glare(light, rng)
        light = _moved(light, rng)
    noise = (2.0, 6.0, 5.0, 4.0)[hardness]
    image = np.clip(light + rng.normal(0, noise, light.shape), 0, 255).astype(np.uint8)
    if hardness is Hardness.GLARE:
        image = _jpeg(image, int(rng.integers(35, 70)))
    return CameraFrame(text, hardness, image)


def _code(text: str) -> Gray:
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return np.asarray(memoryview(drawn.to_image(scale=8, add_quiet_zones=True)), dtype=np.uint8).copy()


def _placed(code: Gray, rng: np.random.Generator, hardness: Hardness) -> Light:
    """Put the code on a phone's bright screen before a grey background with edges in it."""
    scene = np.full((HEIGHT, WIDTH), float(rng.uniform(40, 110)), np.float32)
    for _ in range(12):
        left, top = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        right, bottom = left + int(rng.integers(20, 300)), top + int(rng.integers(20, 200))
        cv2.rectangle(scene, (left, top), (right, bottom), float(rng.uniform(20, 200)), -1)
    low, high = ((280, 420), (170, 300), (170, 300), (190, 320))[hardness]
    side = float(rng.uniform(low, high))
    turn = float(rng.uniform(-4, 4) if hardness is Hardness.STILL else rng.uniform(-180, 180))
    lean = (0.02, 0.12, 0.10, 0.10)[hardness]
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + rng.uniform(-lean, lean, (4, 2))
    angle = np.deg2rad(turn)
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    margin = side * 0.8
    middle = [rng.uniform(margin, WIDTH - margin), rng.uniform(margin, HEIGHT - margin)]
    size = code.shape[0]
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    warp = cv2.getPerspectiveTransform(square, (corners * side + middle).astype(np.float32))
    dark, bright = ((20, 235), (30, 210), (55, 115), (50, 150))[hardness]
    screen = code.astype(np.float32) / 255 * (bright - dark) + dark
    drawn = cv2.warpPerspective(screen, warp, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    covered = cv2.warpPerspective(np.ones_like(screen), warp, (WIDTH, HEIGHT))
    return scene * (1 - covered) + drawn * covered


def _uneven(light: Light, rng: np.random.Generator) -> Light:
    across = np.linspace(*rng.uniform(0.45, 1.15, 2), WIDTH, dtype=np.float32)
    down = np.linspace(*rng.uniform(0.55, 1.15, 2), HEIGHT, dtype=np.float32)
    return light * np.outer(down, across)


def _glare(light: Light, rng: np.random.Generator) -> Light:
    """Add lamps that are seen in the screen, some of them over the code: brightest where they saturate."""
    for _ in range(int(rng.integers(3, 7))):
        spot = np.zeros((HEIGHT, WIDTH), np.float32)
        middle = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        axes = (int(rng.integers(60, 320)), int(rng.integers(15, 100)))
        cv2.ellipse(spot, middle, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(90, 320)), -1)
        light = light + cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(4, 30)))
    return light


def _moved(light: Light, rng: np.random.Generator) -> Light:
    length = int(rng.integers(1, 11))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2, :] = 1 / length
    turned = cv2.warpAffine(
        kernel,
        cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), float(rng.uniform(0, 180)), 1.0),
        (length, length),
    )
    return cv2.filter2D(light, -1, turned / max(float(turned.sum()), 1e-6))


def _jpeg(image: Gray, quality: int) -> Gray:
    _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
