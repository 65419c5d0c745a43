"""A file that one process holds at a time; the system lets go of it when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.journal.private_files import open_private


@dataclass
class HeldFile:
    """A file held by this process until `release`; a second release does nothing."""

    _descriptor: int | None

    @property
    def is_held(self) -> bool:
        """Tell whether it was not released yet."""
        return self._descriptor is not None

    def release(self) -> None:
        """Let go of the file; it stays where it is, for the next holder."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _unlock(descriptor)
            os.close(descriptor)


def hold_file(path: Path) -> HeldFile | None:
    """Take a file without waiting, made where there is none; None when it is held already, by whomever.

    Raises OSError where it cannot be made or opened.
    """
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    if not _lock(descriptor):
        os.close(descriptor)
        return None
    return HeldFile(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _unlock(descriptor: int) -> None:
    # A child that is being started has the file open until it is another program; on Windows it never has.
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
