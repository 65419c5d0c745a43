"""A mounted disk whose power can be cut: a FUSE file system over `volatile_files`, in a process of its own.

Needs /dev/fuse, the right to mount, and libfuse; `missing` says which of them is not there. A failure that was ordered
(`fail`) comes from the file system as the kernel would tell it.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.lab.volatile_files import Disk, Loss, VolatileFile, parent

FILE_MODE, FOLDER_MODE = stat.S_IFREG | 0o600, stat.S_IFDIR | 0o700
UNMOUNT = ("fusermount3", "-u", "-z")
_PATIENCE_S = 10.0


def missing() -> str | None:
    """Say why no such disk can be mounted here; None where it can."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "no /dev/fuse that this user may open"
    if shutil.which(UNMOUNT[0]) is None:
        return f"no {UNMOUNT[0]}"
    try:
        import mfusepy  # noqa: F401 - that it loads is what is asked
    except (ImportError, OSError) as error:
        return f"no libfuse: {error}"
    return None


@dataclass
class Failure:
    """The n-th call of a kind fails from now on, for so many calls."""

    kind: str = ""
    after: int = 0
    calls: int = 0
    error: int = 0
    struck: int = 0

    def strikes(self, kind: str) -> bool:
        """Count a call and tell whether it fails."""
        if kind != self.kind:
            return False
        self.after -= 1
        hit = self.after < 0 and self.calls > 0
        self.calls -= hit
        self.struck += hit
        return hit


class PowerDisk:
    """The calls of the file system; every one takes the one guard, which is not called `lock`: FUSE means another."""

    use_ns = True

    def __init__(self, system_error: type[OSError]) -> None:
        self._error = system_error
        self._guard = threading.RLock()
        self._disk = Disk()
        self._folders = {"/"}
        self._handles: dict[int, VolatileFile] = {}
        self._next = 0
        self._failure = Failure()

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        with self._guard:
            if path in self._folders:
                return {"st_mode": FOLDER_MODE, "st_nlink": 2, "st_uid": os.getuid(), "st_gid": os.getgid()}
            size = len(self._file(path, fh).content)
        return {
            "st_mode": FILE_MODE,
            "st_nlink": 1,
            "st_size": size,
            "st_blocks": (size + 511) // 512,
            "st_uid": os.getuid(),
            "st_gid": os.getgid(),
        }

    def readdir(self, path: str, fh: int) -> Iterator[str]:
        with self._guard:
            known = [*self._disk.names, *(self._folders - {"/"})]
        return iter([".", "..", *(name.rpartition("/")[2] for name in known if parent(name) == path)])

    def opendir(self, path: str) -> int:
        return 0

    def releasedir(self, path: str, fh: int) -> int:
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        with self._guard:
            self._folders.add(path)
        return 0

    def create(self, path: str, mode: int, fi: int | None = None) -> int:
        with self._guard:
            made = VolatileFile()
            self._disk.link(path, made)
            return self._handle(made)

    def open(self, path: str, flags: int) -> int:
        with self._guard:
            return self._handle(self._file(path, None))

    def release(self, path: str, fh: int) -> int:
        with self._guard:
            self._handles.pop(fh, None)
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        with self._guard:
            return bytes(self._file(path, fh).content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        with self._guard:
            # The shared memory file of SQLite is written when the kernel likes: no failure is counted by it.
            if not path.endswith("-shm"):
                self._strike("write")
            self._file(path, fh).write(self._disk.count(), offset, bytes(data))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        with self._guard:
            self._file(path, fh).write(self._disk.count(), length, None)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        with self._guard:
            file = self._file(path, fh)
            if self._failure.strikes("fsync"):
                file.forget()
                raise self._error(self._failure.error)
            file.sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        with self._guard:
            self._disk.sync_folder(path)
        return 0

    def unlink(self, path: str) -> int:
        with self._guard:
            self._file(path, None)
            self._disk.link(path, None)
        return 0

    def rename(self, old: str, new: str) -> int:
        with self._guard:
            file = self._file(old, None)
            self._disk.link(new, file)
            self._disk.link(old, None)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 1 << 20, "f_bfree": 1 << 19, "f_bavail": 1 << 19}

    def order(self, wish: Mapping[str, Any]) -> dict[str, object]:
        """Do what the test wants of the disk: load a folder, cut its power into another, or fail."""
        with self._guard:
            match wish["do"]:
                case "load":
                    self._folders.add(wish["folder"])
                    for file in Path(wish["from"]).iterdir():
                        self._disk.load(f"{wish['folder']}/{file.name}", file.read_bytes())
                case "cut":
                    found = self._disk.cut(wish["folder"], Loss(wish["loss"]), random.Random(wish["seed"]))
                    for name, content in found.items():
                        (Path(wish["into"]) / name.rpartition("/")[2]).write_bytes(content)
                case "forget":
                    self._disk.forget(wish["folder"])
                case "fail":
                    self._failure = Failure(wish["kind"], wish["after"], wish["calls"], wish["error"])
                case "struck":
                    return {"struck": self._failure.struck}
        return {}

    def _handle(self, file: VolatileFile) -> int:
        self._next += 1
        self._handles[self._next] = file
        return self._next

    def _file(self, path: str, fh: int | None) -> VolatileFile:
        found = self._handles.get(fh or 0) or self._disk.names.get(path)
        if found is None:
            raise self._error(errno.ENOENT)
        return found

    def _strike(self, kind: str) -> None:
        if self._failure.strikes(kind):
            raise self._error(self._failure.error)


@dataclass(frozen=True)
class Mounted:
    """A disk that is mounted, as seen by whoever cuts its power."""

    root: Path
    _line: socket.socket

    def load(self, folder: str, source: Path) -> Path:
        """Put the files of a folder on the disk, for sure; returns where they are."""
        self._ask({"do": "load", "folder": f"/{folder}", "from": str(source)})
        return self.root / folder

    def cut(self, folder: str, into: Path, loss: Loss, seed: int) -> None:
        """Write what a folder holds after a power cut now."""
        into.mkdir(parents=True)
        self._ask({"do": "cut", "folder": f"/{folder}", "into": str(into), "loss": loss, "seed": seed})

    def forget(self, folder: str) -> None:
        """Remove a folder."""
        self._ask({"do": "forget", "folder": f"/{folder}"})

    def fail(self, kind: str, after: int, calls: int, error: int) -> None:
        """Let `calls` calls of a kind (write, fsync) fail, after so many that do not."""
        self._ask({"do": "fail", "kind": kind, "after": after, "calls": calls, "error": error})

    def struck(self) -> int:
        """Return how many calls have failed."""
        return int(self._ask({"do": "struck"})["struck"])

    def _ask(self, wish: Mapping[str, object]) -> dict[str, Any]:
        self._line.sendall(json.dumps(wish).encode() + b"\n")
        with self._line.makefile("rb") as answers:
            answer: dict[str, Any] = json.loads(answers.readline())
        return answer


@contextmanager
def mounted(root: Path) -> Iterator[Mounted]:
    """Mount a disk at a folder for as long as the block lasts."""
    root.mkdir(parents=True, exist_ok=True)
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "tests.crash.lab.power_disk", str(root), str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        try:
            until = time.monotonic() + _PATIENCE_S
            while not root.is_mount():
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the disk was not mounted")
                time.sleep(0.01)
            yield Mounted(root, ours)
        finally:
            subprocess.run([*UNMOUNT, str(root)], check=False, capture_output=True)
            # Unmounted, it ends by itself; told by a signal, it would end with an error.
            try:
                server.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                server.kill()


def main() -> None:
    """Serve one disk until it is unmounted."""
    import mfusepy

    root, line = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    disk = PowerDisk(mfusepy.FuseOSError)

    def obey() -> None:
        with line.makefile("rb") as wishes:
            for wish in wishes:
                line.sendall(json.dumps(disk.order(json.loads(wish))).encode() + b"\n")
        # Whoever mounted it has gone, in whatever way.
        subprocess.run([*UNMOUNT, root], check=False, capture_output=True)

    threading.Thread(target=obey, daemon=True).start()
    # What the kernel remembers would survive the cut: it is to ask each time.
    fresh = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0}
    mfusepy.FUSE(disk, root, foreground=True, nothreads=True, fsname="yikatong-power-disk", **fresh)


if __name__ == "__main__":
    main()
