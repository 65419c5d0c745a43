"""Folders for tests that make thousands of commits and are not about the disk: in memory where the system has that."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards; a killed process loses nothing in it, a power cut would."""
    with tempfile.TemporaryDirectory(dir=_SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None) as made:
        yield Path(made)
