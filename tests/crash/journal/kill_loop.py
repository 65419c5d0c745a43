"""Kills a writing process again and again and checks what it had promised.

A program of its own: `python -m tests.crash.journal.kill_loop FOLDER KILLS SEED [MUTANT]`; prints one line of JSON.
It forks, so that a round costs no start of an interpreter: that is why it does not run inside pytest.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, Outcome, canonical_json
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from app.journal.transaction import Transaction

CLOCK = SystemClock()
OPENED = "opened"


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


def write_until_killed(folder: Path, promises: int, mutant: str) -> None:
    """Two threads that enqueue and promise, and one that leases and settles."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    os.write(promises, f"{OPENED}\n".encode())

    def write(seed: int) -> None:
        people = random.Random(seed)
        while True:
            if mutant == "two_transactions":
                op_id = journal.run(lambda tx: one_operation(tx, people.randrange(20)).op_id).result()
                journal.run(lambda tx, op_id=op_id: tx.audit("loss.temporary", "0007", "done", op_id)).result()
            elif mutant == "acknowledged_early":
                journal.run(lambda tx: promise_early(tx, people.randrange(20))).result()
                continue
            else:
                op_id = journal.run(lambda tx: whole(tx, people.randrange(20))).result()
            os.write(promises, f"{op_id}\n".encode())

    def whole(tx: Transaction, person: int) -> str:
        op_id = one_operation(tx, person).op_id
        tx.audit("loss.temporary", "0007", "done", op_id)
        return op_id

    def promise_early(tx: Transaction, person: int) -> None:
        os.write(promises, f"{whole(tx, person)}\n".encode())

    def deliver() -> None:
        while True:
            for delivery in journal.run(lambda tx: tx.lease(Destination.PROVINCE, limit=5)).result():
                op_id = delivery.operation.op_id
                journal.run(lambda tx, op_id=op_id: tx.settle(op_id, Destination.PROVINCE, Outcome.APPLIED)).result()

    for work in (lambda: write(1), lambda: write(2), deliver):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(60)


def kill_once(folder: Path, after_s: float, after_promises: int | None, mutant: str) -> list[str]:
    """Fork a writer, kill it some time after its start or after some promises, and return what it had promised.

    Waiting for promises and not for a time only, the loop means the same on a slow machine.
    """
    kept: list[str] = []
    promised, promises = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(promised)
        write_until_killed(folder, promises, mutant)
        os._exit(1)
    os.close(promises)
    with os.fdopen(promised, encoding="ascii") as stream:
        if after_promises is not None:
            if stream.readline().strip() != OPENED:
                raise RuntimeError("the writer did not open its journal")
            kept = [stream.readline().strip() for _ in range(after_promises)]
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return kept + [line.strip() for line in stream if line.endswith("\n") and line.strip() != OPENED]


def faults(folder: Path, promised: set[str]) -> dict[str, int]:
    """Compare the journal with the promises."""
    reader = read_only(folder, FolderKeyStore(folder, no_ring), CLOCK)
    if not isinstance(reader, JournalReader):
        # The first child may have died before there was a journal; then nothing was promised.
        return {"lost": len(promised), "half": 0, "gaps": 0, "rows": 0, "chain": 0}
    rows = reader.read(lambda tx: tx.rows(limit=10_000_000))
    chain = reader.read(lambda tx: tx.verify())
    connection = reader._book.connection
    with connection.begin():
        audited = set(connection.exec_driver_sql("SELECT op_id FROM audit").scalars())
        operations = set(connection.exec_driver_sql("SELECT op_id FROM operation").scalars())
    reader.close()
    gaps = 0
    deliveries: dict[str, set[str]] = {}
    for destination in Destination:
        numbers = sorted(row.device_seq for row in rows if row.destination == destination)
        gaps += numbers != list(range(1, len(numbers) + 1))
        deliveries[destination] = {row.op_id for row in rows if row.destination == destination}
    half = set.union(operations, audited, *deliveries.values()) - set.intersection(
        operations, audited, *deliveries.values()
    )
    return {
        "lost": len(promised - operations),
        "half": len(half),
        "gaps": gaps,
        "rows": len(operations),
        "chain": int(not chain.ok),
    }


def main() -> None:
    """Run the loop and print what was found."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    mutant = sys.argv[4] if len(sys.argv) > 4 else ""
    chance = random.Random(seed)
    promised: set[str] = set()
    found: dict[str, int] = {}
    for turn in range(kills):
        # One in five dies while it opens, where leases are dropped and an unclean end is noticed.
        after_promises = chance.randrange(5) if turn == 0 or chance.random() > 0.2 else None
        promised.update(kill_once(folder, chance.uniform(0.0, 0.05), after_promises, mutant))
        if turn % 10 == 9 or turn == kills - 1:
            found = faults(folder, promised)
            if found["lost"] or found["half"] or found["gaps"] or found["chain"]:
                break
    sys.stdout.write(json.dumps({"kills": turn + 1, "promised": len(promised), **found}) + "\n")


if __name__ == "__main__":
    main()
