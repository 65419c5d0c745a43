"""How far the second place is behind, read from a folder's journal while a counter may hold it."""

from __future__ import annotations

from pathlib import Path

from app.domain.refusal import Refusal
from app.journal import database
from app.journal.change_log import CopyLag
from app.services.offline_folder import read_folder


def copy_lag(folder: Path) -> CopyLag | Refusal | None:
    """Return what is not copied yet; None where nothing was ever to be copied, or there is no journal."""
    if not database.exists(folder):
        return None
    return read_folder(folder, "copy_lag", lambda reader: reader.read(lambda tx: tx.copy_lag()))
