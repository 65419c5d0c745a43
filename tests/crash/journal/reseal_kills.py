"""Kills a process that seals everything anew, again and again, and reads what is left.

A program of its own: `python -m tests.crash.journal.reseal_kills FOLDER KILLS SEED`; prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.journal.fault_point import FAULT_VARIABLE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.resealing import seal_all_anew
from app.journal.transaction import Transaction

CLOCK = SystemClock()
OPERATIONS = 150


def open_journal(folder: Path) -> Journal:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    return journal


def write(tx: Transaction, number: int) -> str:
    """Write one operation with its receipt; the payload tells its number."""
    op_id = new_op_id(CLOCK.now())
    payload = canonical_json({"number": number, "name": "司马相如" * (number % 7)})
    kind = OperationKind.INTAKE
    tx.enqueue(Operation(op_id, kind, f"p{number}", payload, moment(CLOCK), "0007", f"no-{number}", 1), (PROVINCE,))
    tx.save_receipt(op_id, op_id, "title", payload.encode())
    return op_id


PROVINCE = Destination.PROVINCE


def rotate_until_killed(folder: Path, point: str, rotated: int) -> None:
    """Go on until the end; `rotated` gets a byte as soon as there is a key to seal under anew."""
    journal = open_journal(folder)
    # What the fault counts begins here: opening has commits of its own.
    os.environ[FAULT_VARIABLE] = point
    journal.run(lambda tx: tx.data_keys.rotate(), label="rotate").result()
    os.write(rotated, b"1")
    while True:
        seal_all_anew(journal)
        journal.run(lambda tx: tx.data_keys.rotate(), label="rotate").result()


def kill_once(folder: Path, point: str, after_s: float) -> None:
    """Fork and kill: at a named point, or some time after the first rotation where that comes first."""
    told, rotated = os.pipe()
    child = os.fork()
    if child == 0:
        rotate_until_killed(folder, point, rotated)
        os._exit(1)
    os.close(rotated)
    if os.read(told, 1) != b"1":
        raise RuntimeError("it died before it had rotated")
    os.close(told)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def wrong(folder: Path, written: dict[str, int]) -> int:
    """Count what is not as it was written."""
    journal = open_journal(folder)

    def read(tx: Transaction) -> int:
        count = 0
        for op_id, number in written.items():
            payload = tx.operation(op_id).payload
            count += json.loads(payload)["number"] != number or tx.receipts_of(op_id)[0].pdf != payload.encode()
        return count

    found = journal.run(read).result()
    journal.close()
    return found


def main() -> None:
    """Run the kills, then let one process come to its end."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    journal = open_journal(folder)
    written = {journal.run(lambda tx, n=n: write(tx, n)).result(): n for n in range(OPERATIONS)}
    journal.close()
    bad = 0
    for _turn in range(kills):
        point = f"{chance.choice(('before_commit', 'after_commit'))}@seal_anew:{chance.randrange(1, 15)}"
        kill_once(folder, point, chance.uniform(0.0, 0.25))
        bad += wrong(folder, written)
    journal = open_journal(folder)
    retiring = len(journal.run(lambda tx: tx.data_keys.retiring()).result())
    anew = seal_all_anew(journal)
    keys = journal.run(
        lambda tx: dict(
            tx._book.connection.exec_driver_sql("SELECT state, count(*) FROM data_key GROUP BY state").all()
        )
    ).result()
    journal.close()
    bad += wrong(folder, written)
    sys.stdout.write(
        json.dumps({"kills": kills, "wrong": bad, "retiring": retiring, "anew": anew, "keys": keys}) + "\n"
    )


if __name__ == "__main__":
    main()
