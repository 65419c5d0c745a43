"""A journal without a row, made once and copied: its schema takes longer to make than most of what tests do with it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from app.domain.clock import Clock, SystemClock
from app.journal.database import DATABASE_FILE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from tests.memory_folder import memory_folder


def open_empty(folder: Path, clock: Clock | None = None) -> Journal:
    """Open a new journal in a folder that has none; all of one run have the same key, incarnation and machine."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    assert not (folder / DATABASE_FILE).exists()
    for name, content in _files().items():
        (folder / name).touch(0o600)
        (folder / name).write_bytes(content)
    return opened(folder, clock or SystemClock())


def opened(folder: Path, clock: Clock) -> Journal:
    """Open the journal of a folder, with its key in a file."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
    assert isinstance(journal, Journal), journal
    return journal


@functools.cache
def _files() -> Mapping[str, bytes]:
    with memory_folder() as folder:
        opened(folder, SystemClock()).close()
        return {file.name: file.read_bytes() for file in folder.iterdir()}
