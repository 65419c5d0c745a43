"""Dies at each fault point of a purge, and purges again: `python -m tests.crash.journal.purge_once FOLDER`.

Prints one line of JSON for each point.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from app.domain.operation import Destination, Outcome
from app.journal.fault_point import FAULT_VARIABLE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services.retention import Retention
from tests.crash.lab.forks import ended, forked
from tests.unit.journal.scenery import StillClock, ToldProvince, operation

POINTS = ("before_commit@purge", "after_commit@purge")
RECEIPTS = 5


class NearProvince(ToldProvince):
    """Is there, and tells this machine's time."""

    online = True

    def __init__(self, clock: StillClock) -> None:
        super().__init__()
        self._own = clock

    def clock(self) -> datetime:
        return self._own.now()


def session(folder: Path, clock: StillClock, purge: bool) -> None:
    """Make old receipts, one of them of an operation that waits; or purge."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
    assert isinstance(journal, Journal), journal
    if purge:
        province = NearProvince(clock)
        Retention(journal, province, province, clock, folder).when_idle()
    else:
        for number in range(RECEIPTS):
            one = operation(clock, order_key=f"person {number}")
            journal.run(lambda tx, one=one: tx.enqueue(one, (Destination.PROVINCE,))).result()
            journal.run(lambda tx, one=one: tx.save_receipt(one.op_id, one.op_id, "-", b"%PDF")).result()
            if number:
                journal.run(lambda tx, one=one: tx.settle(one.op_id, Destination.PROVINCE, Outcome.APPLIED)).result()
    journal.close()


def in_child(folder: Path, clock: StillClock, purge: bool, fault: str) -> int:
    """Run a session in a fork; returns the signal that ended it, 0 for none, -1 for a failure."""

    def armed() -> None:
        os.environ[FAULT_VARIABLE] = fault
        session(folder, clock, purge)

    return ended(forked(armed))


def main() -> None:
    """Go through the points."""
    for turn, point in enumerate(POINTS):
        folder, clock = Path(sys.argv[1]) / str(turn), StillClock()
        in_child(folder, clock, False, "")
        clock.pass_by(100 * 86400)
        died = in_child(folder, clock, True, point)
        again = in_child(folder, clock, True, "")
        journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
        assert isinstance(journal, Journal), journal
        connection = journal._book.connection

        def read(_tx: object, connection: object = connection) -> dict[str, object]:
            def count(table: str) -> int:
                return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()

            told = "SELECT detail FROM audit WHERE event = 'journal.purge'"
            return {
                "receipts": count("receipt"),
                "operations": count("operation"),
                "deliveries": count("delivery"),
                "told": list(connection.exec_driver_sql(told).scalars()),
            }

        found = journal.run(read).result()
        chain = journal.run(lambda tx: tx.verify()).result().ok
        journal.close()
        sys.stdout.write(json.dumps({"point": point, "died": died, "again": again, "chain": chain, **found}) + "\n")


if __name__ == "__main__":
    main()
