"""Dies at each commit of asking the province after a restore, and asks again.

`python -m tests.crash.journal.reconcile_once FOLDER`; prints one line of JSON for each point.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from app.journal.fault_point import FAULT_VARIABLE
from tests.crash.lab.forks import ended, forked
from tests.unit.journal.scenery import StillClock
from tests.unit.journal.test_reconcile import KeepingProvince, Machine

POINTS = (
    "before_commit@pulled_back",
    "after_commit@pulled_back",
    "before_commit@pulled_back:2",
    "before_commit@reconciled",
    "after_commit@reconciled",
)
PULLED = "SELECT op_id FROM audit WHERE event = 'operation.pulled_back' ORDER BY n"


def main() -> None:
    """Go through the points."""
    for turn, point in enumerate(POINTS):
        root = Path(sys.argv[1]) / str(turn)
        root.mkdir()
        machine = Machine(root, StillClock(), KeepingProvince())
        machine.open()
        machine.write(1)
        machine.copy()
        lost = machine.write(5)
        machine.send(9)
        machine.lose_and_restore()
        machine.journal.close()

        def ask(machine: Machine = machine, point: str = point) -> None:
            os.environ[FAULT_VARIABLE] = point
            machine.open()
            machine.send()

        died = ended(forked(ask))
        machine.open()
        sent = machine.send(3)
        pulled = machine.journal.run(lambda tx: list(tx._book.connection.exec_driver_sql(PULLED).scalars())).result()
        found = {
            "point": point,
            "died": died,
            "sent": sent,
            "pulled_once": pulled == lost,
            "effects_once": len(machine.province.effects) == len(set(machine.province.effects)) == 6,
            "all_here": set(machine.rows()) == set(machine.province.effects),
            "chain": machine.journal.run(lambda tx: tx.verify()).result().ok,
        }
        machine.journal.close()
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
