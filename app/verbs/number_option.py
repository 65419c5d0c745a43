"""Numbers as verbs take them; what is none of them is wrong input, told before anything starts."""

from __future__ import annotations

import argparse
from pathlib import Path

from hardware.camera.camera_state import MOST_CAMERAS

HIGHEST_PORT = 65535
LONGEST_S = 7 * 24 * 3600


def port(text: str) -> int:
    """Read a TCP port; 0 lets the system choose where the verb says so."""
    number = int(text)
    if not 0 <= number <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(text)
    return number


def count(text: str) -> int:
    """Read a number of things, at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(text)
    return number


def seconds(text: str) -> float:
    """Read a duration in seconds, 0 to a week: more is meant by nobody, and some systems cannot wait for it."""
    number = float(text)
    if not 0 <= number <= LONGEST_S:
        raise argparse.ArgumentTypeError(text)
    return number


def camera(text: str) -> int | str:
    """Read a camera's number, or the path of a folder or file; a name that no file can have is wrong input."""
    if text.isascii() and text.isdecimal():
        # Longer numbers than any camera's are not even turned into one: some take the machine minutes.
        number = int(text) if len(text) <= len(str(MOST_CAMERAS)) else MOST_CAMERAS
        if number >= MOST_CAMERAS:
            raise argparse.ArgumentTypeError(text)
        return number
    return str(path(text))


def path(text: str) -> Path:
    """Read a path that may be there; raises what argparse tells for an empty one, or one that no file can have."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(text)
    try:
        Path(text).exists()
    except OSError as error:
        raise argparse.ArgumentTypeError(text) from error
    return Path(text)


def folder(text: str) -> Path:
    """Read a folder's path; an empty one would be the working folder, which nobody meant."""
    if not text:
        raise argparse.ArgumentTypeError(text)
    return Path(text)
