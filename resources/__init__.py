"""Tables, texts, fonts and icons, found by `resources.path`."""

from pathlib import Path

ROOT = Path(__file__).parent


def path(*parts: str) -> Path:
    """Return the path of a resource below this folder."""
    return ROOT.joinpath(*parts)
