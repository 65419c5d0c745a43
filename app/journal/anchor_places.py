"""Where countersigned anchors are kept outside the journal's file, so that an older copy of the file is found out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from app.domain.anchor import Countersigned
from app.domain.operation import canonical_json
from app.journal.private_files import keep_name, open_private

ANCHOR_FILE = "anchors.jsonl"
_TAIL_BYTES = 4096


class AnchorPlace(Protocol):
    """One place. Both calls may block and raise OSError."""

    def keep(self, anchor: Countersigned) -> None:
        """Keep an anchor for sure before returning; one that was kept last is not kept twice."""
        ...

    def read(self) -> tuple[Countersigned, ...]:
        """Return every anchor that can be read."""
        ...


class AnchorFile:
    """A file that only grows: one JSON object a line, each flushed to the disk."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / ANCHOR_FILE

    def keep(self, anchor: Countersigned) -> None:
        """Append a line; what a crash left of an earlier one gets a line of its own."""
        line = canonical_json(vars(anchor)).encode()
        descriptor = open_private(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        with os.fdopen(descriptor, "r+b", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(end - _TAIL_BYTES, 0))
            tail = stream.read()
            if tail.splitlines()[-1:] == [line] and tail.endswith(b"\n"):
                return
            stream.write((b"\n" if tail and not tail.endswith(b"\n") else b"") + line + b"\n")
            os.fsync(stream.fileno())
        if end == 0:
            keep_name(self._file.parent)

    def read(self) -> tuple[Countersigned, ...]:
        """Return the anchors; lines that a crash tore or somebody spoiled are left out."""
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return ()
        return tuple(_readable(content))


def _readable(content: bytes) -> Iterator[Countersigned]:
    for line in content.splitlines():
        try:
            fields = json.loads(line)
            anchor = Countersigned(**fields) if isinstance(fields, dict) else None
        except (ValueError, TypeError, RecursionError):
            continue
        if anchor is not None and isinstance(anchor.n, int) and isinstance(anchor.sm3, str):
            yield anchor
