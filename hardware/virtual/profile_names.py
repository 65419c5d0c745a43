"""Which virtual cards and PSAMs come with the program, without reading what is on them."""

from __future__ import annotations

import resources

FOLDER = "cards"
PSAMS = "psams"
PLUS = "+"
"""Between the profiles of a virtual card and of the PSAM beside it."""


def profile_names() -> tuple[str, ...]:
    """Return the names of the cards."""
    return _names(FOLDER)


def psam_names() -> tuple[str, ...]:
    """Return the names of the PSAMs."""
    return _names(PSAMS)


def _names(folder: str) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in resources.path(folder).glob("*.toml")))
