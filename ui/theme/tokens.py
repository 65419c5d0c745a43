"""The values that set the tone: colours, spacing, type sizes, radii (design page)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Contrast(StrEnum):
    """Which set of colours is in use."""

    LIGHT = "light"
    HIGH = "high"


class Tone(StrEnum):
    """What a status means; each has a colour pair and a shape of its own."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    INFO = "info"
    OFF = "off"


class Type(StrEnum):
    """The four type sizes, and the two weights that widgets ask for by name."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    SMALL = "small"
    NUMBER = "number"


@dataclass(frozen=True)
class Pair:
    """Text on ground, as #rrggbb."""

    text: str
    ground: str


@dataclass(frozen=True)
class Colours:
    """One complete set of colours, as #rrggbb."""

    text: str
    muted: str
    act: Pair
    act_pressed: str
    page: str
    card: str
    line: str
    edge: str
    """Borders of controls, at least 3:1 on card and page."""
    head: Pair
    head_muted: str
    head_chip: str
    disabled: Pair
    focus: str
    focus_inner: str
    selected: str
    """Ground of the chosen row; every tone's text can be read on it."""
    suggested: str
    """Ground of the suggested next step."""
    tones: dict[Tone, Pair]

    def tone(self, tone: Tone) -> Pair:
        """Return the pair of a tone."""
        return self.tones[tone]


LIGHT = Colours(
    text="#1a1a1a",
    muted="#4a4f57",
    act=Pair("#ffffff", "#0b4f9e"),
    act_pressed="#083c79",
    page="#eef1f5",
    card="#ffffff",
    line="#d5dae1",
    edge="#828b98",
    head=Pair("#ffffff", "#0b3d7a"),
    head_muted="#d9e6f7",
    head_chip="#2c5a92",
    disabled=Pair("#5a616b", "#eef1f5"),
    focus="#0b3d91",
    focus_inner="#ffffff",
    selected="#e6f0fb",
    suggested="#f5f9ff",
    tones={
        Tone.OK: Pair("#14532d", "#e8f5e9"),
        Tone.WARN: Pair("#5c3600", "#fff4d6"),
        Tone.ERROR: Pair("#820b0b", "#fdecea"),
        Tone.INFO: Pair("#0b3d7a", "#e6f0fb"),
        Tone.OFF: Pair("#4a4f57", "#eef1f5"),
    },
)

HIGH = Colours(
    text="#ffffff",
    muted="#ffffff",
    act=Pair("#000000", "#ffd400"),
    act_pressed="#ffffff",
    page="#000000",
    card="#000000",
    line="#8c8c8c",
    edge="#ffffff",
    head=Pair("#ffffff", "#000000"),
    head_muted="#ffffff",
    head_chip="#000000",
    disabled=Pair("#b8b8b8", "#000000"),
    focus="#00e5ff",
    focus_inner="#000000",
    selected="#303030",
    suggested="#000000",
    tones={
        Tone.OK: Pair("#8dffb0", "#000000"),
        Tone.WARN: Pair("#ffd400", "#000000"),
        Tone.ERROR: Pair("#ffb3ad", "#000000"),
        Tone.INFO: Pair("#9fd0ff", "#000000"),
        Tone.OFF: Pair("#ffffff", "#000000"),
    },
)

SETS = {Contrast.LIGHT: LIGHT, Contrast.HIGH: HIGH}

GRID = 8
"""Spacing unit in px; gaps and paddings are halves and multiples of it."""

RADIUS_CARD = 6
RADIUS_CONTROL = 4
FOCUS_WIDTH = 3

SIZES = {Type.NUMBER: 34, Type.TITLE: 24, Type.HEADING: 16, Type.BODY: 14, Type.SMALL: 12}
"""Type sizes in px at 96 dpi and scale 1."""

FAMILIES = ("Noto Sans SC", "Yikatong Fallback")


def pixels(kind: Type, scale: float) -> int:
    """Return a type size in px at a scale from 1.0 to 2.0."""
    return round(SIZES[kind] * scale)
