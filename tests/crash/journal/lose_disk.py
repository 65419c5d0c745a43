"""Kills a counter, takes its data folder away, and restores it from the second place, again and again.

`python -m tests.crash.journal.lose_disk FOLDER ROUNDS SEED [MUTANT]`: at random moments; prints one line of JSON.
`python -m tests.crash.journal.lose_disk FOLDER points`: at each fault point of copying, restoring; one line for each.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.domain.refusal import Refusal
from app.journal import change_log, copier, restore
from app.journal.copier import Copier, Copying, CopySource
from app.journal.database import Access
from app.journal.fault_point import COPY_POINTS, FAULT_VARIABLE, RESTORE_POINTS
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from app.journal.second_place import SecondFolder
from app.journal.transaction import Transaction
from app.services.restoring import restore_folder
from tests.crash.lab.forks import ended, forked

CLOCK = SystemClock()
POINTS = (
    *COPY_POINTS,
    "copy_written:2",
    "before_commit@copied",
    "after_commit@copied:2",
)
ALL_POINTS = (*POINTS, *RESTORE_POINTS)


def one_operation(tx: Transaction, person: int) -> Operation:
    """Write what a counter's command writes, without its audit row."""
    operation = Operation(
        op_id=new_op_id(CLOCK.now()),
        kind=OperationKind.TEMPORARY_LOSS,
        order_key=tx.person_ref(f"person {person}"),
        payload=canonical_json({"note": "挂失"}),
        occurred=moment(CLOCK),
        clerk="0007",
        acceptance_no=tx.next_acceptance_no("350102", "2026-11-22"),
        base_version=1,
    )
    tx.enqueue(operation, (Destination.PROVINCE, Destination.HALL))
    return operation


def work_until_killed(data: Path, second: Path, promises: int, people: int = 10**9) -> None:
    """Write operations and promise them, while they are copied."""
    copier.PACE_S = 0.01
    copier.LARGEST_SEGMENT = 6_000
    store = FolderKeyStore(data, no_ring)
    journal = Journal.open(data, store, CLOCK)
    assert isinstance(journal, Journal), journal
    journal.run(lambda tx: tx.copying(True)).result()
    source = CopySource(Access(data / "journal.db", store.load() or b""), "device-3")
    place = SecondFolder(second, journal.machine_id)
    one = Copier(
        lambda: Copying(journal, source, place, CLOCK),
        lambda lag: os.write(promises, f"whole {int(lag.whole)}\n".encode()) and None,
        lambda told: os.write(promises, f"trouble {told.code}\n".encode()) and None,
    )
    journal.watch(one.wake)
    one.start()
    for person in range(people):

        def whole(tx: object, person: int = person) -> str:
            op_id = one_operation(tx, person % 20).op_id
            tx.audit("loss.temporary", "0007", "done", op_id)
            return op_id

        os.write(promises, f"op {journal.run(whole).result()}\n".encode())
    one.stop()
    journal.watch(None)
    journal.close()


def in_child(work: Callable[[int], None], watch: Callable[[str], bool], delay_s: float, fault: str = "") -> int:
    """Run work in a fork until `watch` has seen enough and some time passed; returns the signal that ended it."""
    reading, writing = os.pipe()

    def armed() -> None:
        os.close(reading)
        if fault:
            os.environ[FAULT_VARIABLE] = fault
        work(writing)

    child = forked(armed)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as stream:
        for line in stream:
            if watch(line.strip()):
                time.sleep(delay_s)
                os.kill(child, signal.SIGKILL)
                break
        for line in stream:
            watch(line.strip() if line.endswith("\n") else "")
    return ended(child)


@dataclass
class Dead:
    """What lies in a data folder that is about to be lost."""

    sequence: dict[str, int] = field(default_factory=dict)
    lagging: set[str] = field(default_factory=set)
    lag: int = 0

    @classmethod
    def of(cls, data: Path) -> Dead:
        """Read it as somebody would who looks at the lag a moment before."""
        reader = read_only(data, FolderKeyStore(data, no_ring), CLOCK)
        assert isinstance(reader, JournalReader), reader
        sequence = {row.op_id: row.device_seq for row in reader.read(lambda tx: tx.rows()) if row.destination == "hall"}
        lag = reader.read(lambda tx: tx.copy_lag())
        connection = reader._book.connection
        with connection.begin():
            keys = change_log.changes(connection)[1].get("operation", ())
            by_row = dict(connection.exec_driver_sql("SELECT rowid, op_id FROM operation").all())
        reader.close()
        return cls(sequence, {by_row[int(key)] for key in keys}, lag.rows if lag is not None else 0)


def found_faults(data: Path, dead: Dead, promised: set[str]) -> dict[str, int]:
    """Compare what came back with what was there and what was promised."""
    reader = read_only(data, FolderKeyStore(data, no_ring), CLOCK)
    assert isinstance(reader, JournalReader), reader
    rows = reader.read(lambda tx: tx.rows())
    chain = reader.read(lambda tx: tx.verify())
    connection = reader._book.connection
    with connection.begin():
        audited = set(connection.exec_driver_sql("SELECT op_id FROM audit").scalars()) - {None}
        operations = set(connection.exec_driver_sql("SELECT op_id FROM operation").scalars())
    reader.close()
    by_place = [{row.op_id for row in rows if row.destination == name} for name in ("province", "hall")]
    here = {row.op_id: row.device_seq for row in rows if row.destination == "hall"}
    in_order = sorted(dead.sequence, key=lambda op_id: dead.sequence[op_id])
    return {
        "lost": len(promised - dead.lagging - operations),
        "half": len(set.union(operations, audited, *by_place) - set.intersection(operations, audited, *by_place)),
        "disorder": int(list(here.items()) != [] and set(here) != set(in_order[: len(here)]))
        + sum(dead.sequence.get(op_id) != number for op_id, number in here.items()),
        "chain": int(not chain.ok),
        "behind": len(set(dead.sequence) - operations),
    }


def lose_and_restore(data: Path, second: Path, key: bytes) -> restore.Restored:
    """Take a data folder away and make it again from the second place."""
    shutil.rmtree(data)
    data.mkdir()
    store = FolderKeyStore(data, no_ring)
    store.keep(key)
    newest = max(second.iterdir(), key=lambda folder: folder.stat().st_mtime_ns)
    restored = restore.restore_copy(newest, key, data, CLOCK)
    assert isinstance(restored, restore.Restored), restored
    return restored


def at_random(root: Path, rounds: int, seed: int, mutant: str) -> None:
    """Kill at random moments."""
    chance = random.Random(seed)
    data, second = root / "data", root / "second"
    data.mkdir()
    second.mkdir()
    store = FolderKeyStore(data, no_ring)
    key = store.create()
    total = {"rounds": 0, "promised": 0, "restored": 0, "most_lag": 0, "behind": 0}
    faults = {"lost": 0, "half": 0, "disorder": 0, "chain": 0, "trouble": 0}
    if mutant == "pruned_unread":
        # A copier that forgets what came in while it wrote.
        told = change_log.copied
        change_log.copied = lambda connection, upto, position: told(connection, upto + 10**6, position)
    known: set[str] = set()
    for _round in range(rounds):
        promised: set[str] = set()
        wanted = chance.randrange(3, 40)
        seen = {"whole": 0}

        def watch(line: str, promised: set[str] = promised, wanted: int = wanted, seen: dict = seen) -> bool:
            word, _, rest = line.partition(" ")
            if word == "op":
                promised.add(rest)
            elif word == "whole":
                seen["whole"] = max(seen["whole"], int(rest))
            elif word == "trouble":
                faults["trouble"] += 1
            return bool(seen["whole"]) and len(promised) >= wanted

        died = in_child(lambda promises: work_until_killed(data, second, promises), watch, chance.uniform(0.0, 0.03))
        assert died == signal.SIGKILL, died
        dead = Dead.of(data)
        lose_and_restore(data, second, key)
        found = found_faults(data, dead, promised | known)
        known = (known | promised) - dead.lagging
        for name in ("lost", "half", "disorder", "chain"):
            faults[name] += found[name]
        total["rounds"] += 1
        total["promised"] += len(promised)
        total["restored"] += len(dead.sequence)
        total["behind"] += found["behind"]
        total["most_lag"] = max(total["most_lag"], dead.lag)
        known &= set(dead.sequence)
        if any(faults.values()):
            break
    sys.stdout.write(json.dumps({**total, **faults}) + "\n")


def at_points(root: Path) -> None:
    """Die at each point, and come back as if nothing had been."""
    for turn, point in enumerate(ALL_POINTS):
        data, second = root / str(turn) / "data", root / str(turn) / "second"
        data.mkdir(parents=True)
        second.mkdir()
        key = FolderKeyStore(data, no_ring).create()
        promised: set[str] = set()

        def watch(line: str, promised: set[str] = promised) -> bool:
            if line.startswith("op "):
                promised.add(line[3:])
            return False

        def work(promises: int, data: Path = data, second: Path = second) -> None:
            work_until_killed(data, second, promises, 30)

        copying = point in POINTS
        first = in_child(work, watch, 0.0, point if copying else "")
        again = in_child(work, watch, 0.0) if copying else 0
        dead = Dead.of(data)

        apart = root / str(turn) / "kept apart"
        apart.write_text(key.hex())
        shutil.rmtree(data)

        def come_back(_promises: int, data: Path = data, second: Path = second, apart: Path = apart) -> None:
            assert isinstance(restore_folder(second, data, apart, None), restore.Restored)

        if not copying:
            first = in_child(come_back, watch, 0.0, point)
        restored = restore_folder(second, data, apart, None)
        if point == "restore_named":
            # It was there already when the process died.
            assert restored == Refusal.of("RESTORE-FOLDER-NOT-EMPTY", folder=data)
        else:
            assert isinstance(restored, restore.Restored), restored
            assert not restored.damaged
        found = found_faults(data, dead, promised)
        sys.stdout.write(json.dumps({"point": point, "died": first, "again": again, **found}) + "\n")


def main() -> None:
    """Run one of the two."""
    root = Path(sys.argv[1])
    if sys.argv[2] == "points":
        at_points(root)
    else:
        at_random(root, int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")


if __name__ == "__main__":
    main()
