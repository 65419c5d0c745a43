"""Cuts the power under a forked image of the service again and again, and checks what it had promised.

A program of its own: `python -m tests.crash.lab.power_loop FOLDER CUTS SEED [DESIGN]`; prints one line of JSON. The
journal is on a disk that forgets what was not synced; the province is another machine and keeps its power. The service
is stopped, the disk cut, the service killed; what the disk has then is copied, checked, and carried on from.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from app.journal import database
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.invariants import Faults, faults
from tests.crash.lab.power_disk import Mounted, mounted
from tests.crash.lab.service import OPENED, Design, drain_and_close, serve_until_killed
from tests.crash.lab.volatile_files import Loss
from tests.crash.lab.warm_image import empty_journal, warm_image

CHECKED_EVERY = 5
GENERATION = 50
"""Cuts of one journal, the first while it is made; then everything is delivered and counted, and the next begins."""
MAKING_S = 0.3


def without_full_sync() -> None:
    """Open the journal with synchronous=NORMAL, which is the usual advice for WAL."""

    def normal(driver: database._Driver) -> None:
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = NORMAL")

    database._make_durable = normal


NORMAL = Design("synchronous=NORMAL", prepare=without_full_sync)
DESIGNS = {design.name: design for design in (Design(), NORMAL)}


def cut_once(
    disk: Mounted, place: str, ledger: Path, into: Path, chance: random.Random, design: Design, making: bool
) -> list[str]:
    """Serve on the disk, cut its power at some moment, and return what had been promised by then.

    `making`: there is no journal yet, and the cut may come while it is made.
    """
    folder, seed = disk.root / place, chance.getrandbits(32)
    after_promises, after_s = chance.randrange(4), chance.uniform(0.0, MAKING_S if making else 0.02)
    promised, promises = os.pipe()
    child = forked(lambda: serve_until_killed(folder, promises, seed, design, ledger))
    os.close(promises)
    with os.fdopen(promised, encoding="ascii") as stream:
        kept = [] if making or chance.random() < 0.1 else [stream.readline().strip() for _ in range(1 + after_promises)]
        time.sleep(after_s)
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)
        disk.cut(place, into, chance.choice(tuple(Loss)), chance.getrandbits(32))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = kept + [line.strip() for line in stream if line.endswith("\n")]
    disk.forget(place)
    return [line for line in told if line != OPENED]


def checked(image: Path, ledger: Path, promised: set[str]) -> Faults:
    """Check a copy, so that the journal itself is recovered on the disk by the next start."""
    copy = shutil.copytree(image, image.with_name("copy"))
    found = faults(copy, promised, ledger=ledger)
    shutil.rmtree(copy)
    return found


def cut(disk: Mounted, first: Path, root: Path, cuts: int, seed: int, design: Design) -> dict[str, object]:
    """Cut so many times, beginning with the files of a folder; ends early where something is wrong."""
    chance = random.Random(seed)
    operations, done, found = 0, 0, Faults()
    while done < cuts and not found.any:
        promised: set[str] = set()
        image = start = shutil.copytree(first, root / f"start-{done}")
        ledger = root / f"ledger-{done}"
        ledger.mkdir()
        generation = min(GENERATION, cuts - done)
        for _turn in range(generation):
            place = f"journal-{done}"
            disk.load(place, image)
            into = root / place
            promised.update(
                cut_once(disk, place, ledger, into, chance, design, image is start and not any(first.iterdir()))
            )
            shutil.rmtree(image)
            image = into
            done += 1
            if done % CHECKED_EVERY == 0:
                found = checked(image, ledger, promised)
            if found.any:
                break
        else:
            seed_of_drain = chance.getrandbits(32)
            work = lambda at=image, to=ledger, seed=seed_of_drain: drain_and_close(at, seed, design, to)  # noqa: E731
            if ended(forked(work)):
                raise RuntimeError("what was left could not be delivered")
            found = faults(image, promised, settled=True, ledger=ledger)
        operations += len(promised)
    return {"design": design.name, "cuts": done, "promised": operations, **asdict(found)}


def main() -> None:
    """Mount a disk, run the loop, and print what was found."""
    root, cuts, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    warm_image()
    # What is caught by its losses must not fail before it has promised anything.
    made, nothing = empty_journal(root / "made"), root / "nothing"
    nothing.mkdir()
    with mounted(root / "disk") as disk:
        for name in sys.argv[4:] or (Design().name,):
            began, design = time.monotonic(), DESIGNS[name]
            found = cut(disk, made if design is NORMAL else nothing, root / name.replace(" ", "_"), cuts, seed, design)
            sys.stdout.write(json.dumps({**found, "seconds": round(time.monotonic() - began, 2)}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
