"""The second place of the journal's rows: a folder on another disk with segments that only grow."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

_NAME = re.compile(r"(\d{6})-(\d{6})\.copy")


class SecondPlace(Protocol):
    """One machine's copy. A segment is named by the generation of the copy and its number in it, both from 1.

    Every call may block and raise OSError: the place is away.
    """

    def segments(self) -> tuple[tuple[int, int], ...]:
        """Return the segments that are there, in order."""
        ...

    def size(self, segment: tuple[int, int]) -> int:
        """Return the bytes of a segment."""
        ...

    def append(self, segment: tuple[int, int], content: bytes) -> int:
        """Add bytes for sure before returning, to a segment made where there is none; returns its size then."""
        ...

    def remove(self, generation: int) -> None:
        """Take away a generation that another one replaces."""
        ...


class SecondFolder:
    """Segments as files of a folder, which is made under an existing one: a disk that is away makes no folder."""

    def __init__(self, root: Path, machine_id: str) -> None:
        self._root = root
        self.folder = root / f"yikatong-{machine_id[:8]}"

    def segments(self) -> tuple[tuple[int, int], ...]:
        """Return the segments that are there, in order."""
        if not self._root.is_dir():
            raise FileNotFoundError(self._root)
        return segments_of(self.folder)

    def size(self, segment: tuple[int, int]) -> int:
        """Return the bytes of a segment."""
        return segment_file(self.folder, segment).stat().st_size

    def append(self, segment: tuple[int, int], content: bytes) -> int:
        """Add bytes and flush them, and the name of a new file, to the disk."""
        self.segments()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        descriptor = os.open(segment_file(self.folder, segment), flags, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as stream:
            new = stream.tell() == 0
            written = stream.write(content)
            if written != len(content):
                raise OSError
            os.fsync(stream.fileno())
            size = stream.tell()
        if new:
            keep_names(self.folder)
            keep_names(self._root)
        return size

    def remove(self, generation: int) -> None:
        """Delete a generation's files."""
        for segment in self.segments():
            if segment[0] == generation:
                segment_file(self.folder, segment).unlink()


def segments_of(folder: Path) -> tuple[tuple[int, int], ...]:
    """Return the segments of a folder by generation and number."""
    if not folder.is_dir():
        return ()
    found = (_NAME.fullmatch(file.name) for file in folder.iterdir())
    return tuple(sorted((int(name[1]), int(name[2])) for name in found if name is not None))


def segment_file(folder: Path, segment: tuple[int, int]) -> Path:
    """Return the file of a segment."""
    return folder / f"{segment[0]:06d}-{segment[1]:06d}.copy"


def keep_names(folder: Path) -> None:
    """Flush a folder's names to the disk, where the system has that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
