"""The machine's data folder: where it is, and who holds it."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app.domain.refusal import Refusal
from app.journal.held_file import HeldFile, hold_file
from app.journal.private_files import open_private
from app.journal.trouble import folder_refusal

ASKING_S = 0.2


@dataclass(frozen=True)
class DataFolder:
    """A folder held by this process until `release`."""

    path: Path
    lock: HeldFile

    def announce(self, port: int, token: str) -> Refusal | None:
        """Write where the holder listens, for whoever may use the folder. Refusals: DISK-FULL, DATA-FOLDER-UNUSABLE."""
        file = holder_file(self.path)
        try:
            # Another account's, from a program that fell: it may go, but not be written.
            file.unlink(missing_ok=True)
            descriptor = open_private(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"port": port, "token": token}, stream)
        except OSError as error:
            return folder_refusal(error)
        return None

    def release(self) -> None:
        """Give the folder back."""
        holder_file(self.path).unlink(missing_ok=True)
        self.lock.release()


def holder_file(folder: Path) -> Path:
    """Return the file in which a running counter says where it listens."""
    return folder / "counter.json"


def default_folder(training: bool) -> Path:
    """Return the machine's own folder; training has one apart."""
    leaf = "training" if training else "counter"
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Yikatong" / leaf
    machine = Path("/var/lib/yikatong") / leaf
    if os.access("/var/lib", os.W_OK) or os.access(machine, os.W_OK):
        return machine
    return Path.home() / ".local" / "share" / "yikatong" / leaf


def hold(path: Path) -> DataFolder | Refusal:
    """Take a folder. Refusals: DATA-FOLDER-IN-USE (another program has it), DATA-FOLDER-UNUSABLE, DISK-FULL."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _hold_soon(path / "counter.lock")
    except OSError as error:
        return folder_refusal(error)
    return DataFolder(path, lock) if lock is not None else Refusal("DATA-FOLDER-IN-USE")


def _hold_soon(lock: Path) -> HeldFile | None:
    """Take the lock within a moment: whoever only asks whether it is held has it for that long."""
    until = time.monotonic() + ASKING_S
    while (held := hold_file(lock)) is None and time.monotonic() < until:
        time.sleep(ASKING_S / 10)
    return held


def is_held(path: Path) -> bool:
    """Tell whether a running program holds a folder."""
    lock = path / "counter.lock"
    if not lock.exists():
        return False
    try:
        held = hold_file(lock)
    except OSError:
        return False
    if held is not None:
        held.release()
    return held is None
