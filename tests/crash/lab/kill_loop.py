"""Kills a forked image of the service again and again, and checks what it had promised.

A program of its own: `python -m tests.crash.lab.kill_loop FOLDER KILLS SEED [DESIGN…]`; prints a line of JSON for each
design, the shipped one where none is named. A mutant is left as soon as it is caught. It forks, so that a round costs
no start of an interpreter: that is why it does not run inside pytest.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from app.journal.held_file import hold_file
from app.journal.journal import LOCK_FILE
from tests.crash.lab.clocks import JumpingClock
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.invariants import Faults, faults
from tests.crash.lab.mutants import MUTANTS
from tests.crash.lab.service import OPENED, Design, drain_and_close, serve_until_killed
from tests.crash.lab.warm_image import empty_journal, fresh_journal, warm_image

GENERATION = 100
"""Kills of one journal; then everything is delivered and counted, and the next begins empty."""
CHECKED_EVERY = 10
CLOCK_SET = Design("clock set", clock=JumpingClock)
FROZEN = Design("frozen", lease_s=0.01, frozen_s=0.03)
DESIGNS = {design.name: design for design in (Design(), CLOCK_SET, FROZEN, *MUTANTS)}


def kill_once(folder: Path, chance: random.Random, first: bool, design: Design) -> list[str]:
    """Fork a service, kill it some time after its start or after some promises, and return what it had promised.

    Waiting for promises and not for a time only, the loop means the same on a slow machine. One in five dies while it
    opens, where leases are dropped and an unclean end is noticed.
    """
    seed, after_promises = chance.getrandbits(32), chance.randrange(5)
    opening = not first and chance.random() < 0.2
    after_s = chance.uniform(0.0, 0.012)
    promised, promises = os.pipe()
    child = forked(lambda: serve_until_killed(folder, promises, seed, design))
    os.close(promises)
    kept: list[str] = []
    with os.fdopen(promised, encoding="ascii") as stream:
        if not opening:
            if stream.readline().strip() != OPENED:
                raise RuntimeError("the service did not open its journal")
            kept = [stream.readline().strip() for _ in range(after_promises)]
        time.sleep(after_s)
        if design.frozen_s and not opening:
            freeze(folder, child, design.frozen_s)
            time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return kept + [line.strip() for line in stream if line.endswith("\n") and line.strip() != OPENED]


def freeze(folder: Path, child: int, seconds: float) -> None:
    """Stop a service for longer than its leases last; its folder stays its own meanwhile."""
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    time.sleep(seconds)
    held = hold_file(folder / LOCK_FILE)
    os.kill(child, signal.SIGCONT)
    if held is not None and (folder / LOCK_FILE).exists():
        held.release()
        raise RuntimeError("a frozen service lost its folder")


def kill(empty: Path, folder: Path, kills: int, seed: int, design: Design) -> dict[str, object]:
    """Kill so many times; ends early where something is wrong."""
    chance = random.Random(seed)
    operations, done, found = 0, 0, Faults()
    while done < kills and not found.any:
        journal = fresh_journal(empty, folder / str(done))
        promised: set[str] = set()
        generation = min(GENERATION, kills - done)
        for turn in range(generation):
            promised.update(kill_once(journal, chance, turn == 0, design))
            done += 1
            if turn % CHECKED_EVERY == CHECKED_EVERY - 1:
                found = faults(journal, promised)
                if found.any:
                    break
        else:
            seed_of_drain = chance.getrandbits(32)
            drain = lambda folder=journal, seed=seed_of_drain: drain_and_close(folder, seed, design)  # noqa: E731
            if ended(forked(drain)):
                raise RuntimeError("what was left could not be delivered")
            found = faults(journal, promised, settled=True)
        operations += len(promised)
    return {"design": design.name, "kills": done, "promised": operations, **asdict(found)}


def main() -> None:
    """Run the loop for each design and print what was found."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    warm_image()
    empty = empty_journal(folder / "empty")
    for name in sys.argv[4:] or (Design().name,):
        began = time.monotonic()
        found = kill(empty, folder / name.replace(" ", "_"), kills, seed, DESIGNS[name])
        sys.stdout.write(json.dumps({**found, "seconds": round(time.monotonic() - began, 2)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
