"""Which virtual cards come with the program, without reading what is on them."""

from __future__ import annotations

import resources

FOLDER = "cards"


def profile_names() -> tuple[str, ...]:
    """Return their names."""
    return tuple(sorted(file.stem for file in resources.path(FOLDER).glob("*.toml")))
