"""Files of the data folder: this account's alone, or those of a group that the folder was set up for.

A folder is the machine's when its group may write there and new files get that group (mode 2770): then several accounts
of the group, one after the other, work with the same journal. Nobody else reads anything in either kind.
"""

from __future__ import annotations

import os
from pathlib import Path

GROUP_FOLDER = 0o2770
_MARK = 0o2070


def shared_group(folder: Path) -> int | None:
    """Return the group whose accounts share a folder; None where it is one account's, and on Windows."""
    if os.name != "posix":
        return None
    found = folder.stat()
    return found.st_gid if found.st_mode & _MARK == _MARK else None


def open_private(path: Path, flags: int) -> int:
    """Open a file of a data folder, as `os.open` does; whoever owns it brings its mode to what the folder asks for."""
    mode = 0o600 if shared_group(path.parent) is None else 0o660
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0), mode)
    if os.name == "posix":
        found = os.fstat(descriptor)
        # What is made loses bits to the account's umask.
        if found.st_uid == os.geteuid() and found.st_mode & 0o777 != mode:
            os.fchmod(descriptor, mode)
    return descriptor


def replace_private(file: Path, content: bytes) -> None:
    """Write a file of a data folder in one step: after a crash it is the old one or the new one, and on the disk."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    keep_name(file.parent)


def keep_name(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
