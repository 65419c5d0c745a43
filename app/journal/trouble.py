"""What the world does to a database, told from defects: SQLite's error codes become refusals."""

from __future__ import annotations

import errno

from app.domain.refusal import Refusal

_PRIMARY = 0xFF
_BUSY, _LOCKED, _READ_ONLY, _IO_ERROR, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26

_CODES = {
    _BUSY: "JOURNAL-BUSY",
    _LOCKED: "JOURNAL-BUSY",
    _READ_ONLY: "DATA-FOLDER-UNUSABLE",
    _IO_ERROR: "JOURNAL-DISK-FAILING",
    _CORRUPT: "JOURNAL-DAMAGED",
    _FULL: "DISK-FULL",
    _CANNOT_OPEN: "DATA-FOLDER-UNUSABLE",
    _NOT_A_DATABASE: "JOURNAL-DAMAGED",
}


class JournalRefused(Exception):
    """A transaction did not commit because of the world, and left nothing; carries the Refusal.

    Codes: DISK-FULL, JOURNAL-BUSY, JOURNAL-DAMAGED, JOURNAL-DISK-FAILING, DATA-FOLDER-UNUSABLE, JOURNAL-CLOSED.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class RowDamaged(JournalRefused):
    """One sealed row is not what was written; the others may be whole."""


def refusal_of(error: Exception) -> Refusal | None:
    """Return what the world did by the driver's error, bare or wrapped; None is a defect (sqlite.org/rescode.html)."""
    number: object = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    if not isinstance(number, int):
        return None
    code = _CODES.get(number & _PRIMARY)
    return None if code is None else Refusal(code)


def folder_refusal(error: OSError) -> Refusal:
    """Return why a file could not be made or written: DISK-FULL, else DATA-FOLDER-UNUSABLE."""
    return Refusal("DISK-FULL" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "DATA-FOLDER-UNUSABLE")
