"""Has the service die at each named fault point, and each command of the table on either side of its commit.

A program of its own: `python -m tests.crash.lab.named_points FOLDER`; prints one line of JSON for each point.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from app.domain.clock import SystemClock
from app.journal.fault_point import DELIVERY_POINTS, FAULT_VARIABLE
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from tests.crash.lab.clocks import JumpingClock
from tests.crash.lab.command_plays import play_all, prepare, settle
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.invariants import faults
from tests.crash.lab.service import CATALOGUE, OPENED, Design, drain_and_close, serve_until_killed
from tests.crash.lab.warm_image import empty_journal, fresh_journal, warm_image

COMMITS = ("before_commit", "after_commit")
SENDER_WORK = ("lease", "settle", "put_back", "set_aside")
SERVICE_POINTS = (
    *DELIVERY_POINTS,
    "after_upload:2",
    *(f"{commit}@{work}" for work in SENDER_WORK for commit in COMMITS),
)
AFTER = {"after_spool": "print_receipt"}
"""Points that a command passes after its commit."""
COMMAND_POINTS = (*(f"{commit}@{command}" for command in CATALOGUE.commands for commit in COMMITS), *AFTER)
LONGEST_S = 20


def until_dead(work: Callable[[int], None], fault: str) -> tuple[int, list[str]]:
    """Fork a child that works until the fault kills it; returns the signal that did, and what was promised."""
    promised, promises = os.pipe()

    def armed() -> None:
        os.environ[FAULT_VARIABLE] = fault
        # A point that is never passed must not hang the lab.
        signal.alarm(LONGEST_S)
        work(promises)

    child = forked(armed)
    os.close(promises)
    with os.fdopen(promised, encoding="ascii") as stream:
        told = [line.strip() for line in stream if line.endswith("\n")]
    return ended(child), [line for line in told if line != OPENED]


def service_dies_at(empty: Path, folder: Path, point: str) -> dict[str, object]:
    """Kill the service at a point, deliver the rest, and count."""
    journal = fresh_journal(empty, folder)
    # Only what has grown old is set aside: by a clock that somebody sets.
    design = Design(clock=JumpingClock) if "set_aside" in point else Design()
    died, promised = until_dead(lambda promises: serve_until_killed(journal, promises, 1, design), point)
    at_once = faults(journal, set(promised))
    drained = ended(forked(lambda: drain_and_close(journal, 2, design)))
    settled = faults(journal, set(promised), settled=True)
    wrong = at_once.any or settled.any or drained != 0
    return {"point": point, "died": died, "wrong": [asdict(at_once), asdict(settled), drained] if wrong else None}


def command_dies_at(prepared: Path, folder: Path, point: str) -> dict[str, object]:
    """Kill a session at one command's commit: the commands before it left one audit row each, it left one or none."""
    shutil.copytree(prepared, folder)

    def work(promises: int) -> None:
        play_all(folder, lambda command: (os.write(promises, f"{command}\n".encode()), None)[1])

    died, done = until_dead(work, point)
    commit, _, command = point.partition("@")
    expected = [*done, *([] if commit == "before_commit" else [AFTER.get(point, command)])]
    found = audited(folder)
    again = ended(forked(lambda: settle(folder)))
    whole = audited(folder)
    wrong = found != [CATALOGUE.commands[name].audit for name in expected] or whole != found or again != 0
    return {"point": point, "died": died, "wrong": [done, found, whole, again] if wrong else None}


def audited(folder: Path) -> list[str]:
    """Return the events of the commands that were done, in their order; nothing where the chain does not verify."""
    reader = read_only(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(reader, JournalReader), reader
    events = {row.audit for row in CATALOGUE.commands.values()}
    whole = reader.read(lambda tx: tx.verify()).ok
    connection = reader._book.connection
    with connection.begin():
        rows = connection.exec_driver_sql("SELECT event FROM audit WHERE result = 'done' ORDER BY n").scalars().all()
    reader.close()
    return [event for event in rows if event in events] if whole else []


def main() -> None:
    """Go through the points."""
    root = Path(sys.argv[1])
    warm_image()
    empty, prepared = empty_journal(root / "empty"), prepare(root / "prepared")
    for n, point in enumerate(SERVICE_POINTS):
        tell({"kind": "service", **service_dies_at(empty, root / f"service-{n}", point)})
    for n, point in enumerate(COMMAND_POINTS):
        tell({"kind": "command", **command_dies_at(prepared, root / f"command-{n}", point)})


def tell(found: dict[str, object]) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
