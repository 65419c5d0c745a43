"""Fails one write or one sync of a session after the other, and checks what the session was told.

A program of its own: `python -m tests.crash.lab.disk_faults FOLDER STRIDE`; prints one line of JSON for each kind of
failure. Every STRIDE-th write of the session fails once, and every sync, until the session has no such call any more.
After each session the power is cut and nothing that was not synced is kept.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from app.domain.operation import OperationKind
from app.domain.refusal import Refusal
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.invariants import Faults, faults
from tests.crash.lab.power_disk import Mounted, mounted
from tests.crash.lab.service import Design, open_service
from tests.crash.lab.volatile_files import Loss
from tests.crash.lab.warm_image import empty_journal, warm_image

KINDS = {
    # Twice: a write that fails in its middle is a short one to who writes, and is tried again from there.
    "write, no room": ("write", errno.ENOSPC, 2),
    "write, disk failing": ("write", errno.EIO, 2),
    "sync, disk failing": ("fsync", errno.EIO, 1),
}
TOLD = ("DISK-FULL", "JOURNAL-DISK-FAILING", "DATA-FOLDER-UNUSABLE")
COMMANDS = 3


def session(folder: Path, ledger: Path, promises: int) -> None:
    """Open, give three commands, close; says what became of each."""

    def say(what: str) -> None:
        os.write(promises, f"{what}\n".encode())

    service = open_service(folder, 1, Design(), ledger=ledger)
    if isinstance(service, Refusal):
        say(f"refused {service.code}")
        return
    for person in range(COMMANDS):
        done = service.submit(person, OperationKind.INTAKE)
        say(f"refused {done.code}" if isinstance(done, Refusal) else done)
    service.close()


def fail_once(
    disk: Mounted, empty: Path, root: Path, kind: tuple[str, int, int], after: int
) -> tuple[int, list[str], Faults]:
    """Play a session whose n-th call fails; returns how many failed, what was told, and what is broken."""
    place, ledger, into = f"{kind[0]}-{kind[1]}-{after}", root / f"ledger-{after}", root / f"image-{after}"
    ledger.mkdir(parents=True)
    folder = disk.load(place, empty)
    told, tells = os.pipe()
    disk.fail(kind[0], after, kind[2], kind[1])
    child = forked(lambda: session(folder, ledger, tells))
    os.close(tells)
    with os.fdopen(told, encoding="ascii") as stream:
        lines = [line.strip() for line in stream]
    if ended(child):
        lines.append("refused DIED")
    struck = disk.struck()
    disk.cut(place, into, Loss.NONE_KEPT, after)
    disk.forget(place)
    return struck, lines, faults(into, {line for line in lines if not line.startswith("refused")}, ledger=ledger)


def main() -> None:
    """Go through the kinds."""
    root, stride = Path(sys.argv[1]), int(sys.argv[2])
    warm_image()
    empty = empty_journal(root / "empty")
    with mounted(root / "disk") as disk:
        for name, kind in KINDS.items():
            began, calls, refused, wrong = time.monotonic(), 0, 0, []
            after, struck = 0, 1
            while struck:
                struck, lines, found = fail_once(disk, empty, root / name.replace(" ", "_"), kind, after)
                codes = [line.removeprefix("refused ") for line in lines if line.startswith("refused")]
                calls, refused = calls + bool(struck), refused + len(codes)
                if found.any or not set(codes) <= set(TOLD) or len(codes) > kind[2]:
                    wrong.append({"after": after, "told": lines, **asdict(found)})
                # Syncs are few: each of them fails in its turn.
                after += stride if kind[0] == "write" else 1
            line = {"kind": name, "calls": calls, "refused": refused, "wrong": wrong}
            sys.stdout.write(json.dumps({**line, "seconds": round(time.monotonic() - began, 2)}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
