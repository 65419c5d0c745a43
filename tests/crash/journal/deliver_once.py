"""Dies at each fault point of an anchor, starts again, and counts the effects at the province.

A program of its own: `python -m tests.crash.journal.deliver_once FOLDER`; prints one line of JSON for each fault point.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, Outcome, canonical_json
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.dispatch import Dispatcher
from app.journal.fault_point import FAULT_VARIABLE
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from app.province.port import Away, ItemAnswer, UploadBatch
from tests.crash.lab.forks import ended, forked
from tests.crash.lab.warm_image import empty_journal, fresh_journal, warm_image
from tests.unit.journal.desk_province import DeskProvince
from tests.unit.journal.scenery import ToldProvince

CLOCK = SystemClock()
ANCHOR_POINTS = (
    "after_enrol",
    "after_anchor",
    "after_anchor:2",
    "before_commit@enrolled",
    "after_commit@enrolled",
    "before_commit@keep_anchor",
    "after_commit@keep_anchor",
    "before_commit@device_key",
    "after_commit@device_key",
)


class LedgerProvince(ToldProvince):
    """Keeps its effects in a file that outlives the process, one line each, idempotent by op_id."""

    def __init__(self, ledger: Path) -> None:
        super().__init__()
        self._ledger = ledger

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Apply what was not applied before."""
        known = self._ledger.read_text().split() if self._ledger.exists() else []
        with self._ledger.open("a") as ledger:
            for item in batch.items:
                ledger.write("" if item.op_id in known else f"{item.op_id}\n")
        return tuple(ItemAnswer(item.op_id, Outcome.APPLIED) for item in batch.items)


class Anchored:
    """Anchors after each round, at a desk of its own; whatever goes wrong there ends the session."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._province = DeskProvince(folder / "province", CLOCK)
        self._anchoring = Anchoring(journal, self._province, CLOCK, "device-3", (AnchorFile(folder),), self._told)

    def round(self) -> None:
        """Anchor what there is."""
        self._anchoring.round(uploaded=True)
        if self._province.alarms():
            raise RuntimeError(self._province.alarms())

    def _told(self, trouble: Refusal) -> None:
        raise RuntimeError(trouble.code)


def session(folder: Path, op_ids: list[str]) -> None:
    """Enqueue operations that are not there yet and deliver all, in two rounds at least."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    there = {row.op_id for row in journal.run(lambda tx: tx.rows()).result()}
    dispatcher = Dispatcher(journal, LedgerProvince(folder / "ledger"), CLOCK, "device-3", limits.load())
    anchor = Anchored(journal, folder).round
    for op_id in op_ids:
        operation = Operation(
            op_id=op_id,
            kind=OperationKind.TEMPORARY_LOSS,
            order_key="one person",
            payload=canonical_json({}),
            occurred=moment(CLOCK),
            clerk="0007",
            acceptance_no="-",
            base_version=1,
        )
        if op_id not in there:
            journal.run(lambda tx, wanted=operation: tx.enqueue(wanted, (Destination.PROVINCE,)), "enqueue").result()
        dispatcher.make_due()
        dispatcher.round()
        anchor()
    while journal.run(lambda tx: tx.summary()).result().pending:
        dispatcher.make_due()
        dispatcher.round()
    anchor()
    journal.close()


def in_child(folder: Path, op_ids: list[str], fault: str) -> int:
    """Run a session in a forked child; returns the signal that ended it, 0 for none, -1 for a failure."""

    def armed() -> None:
        os.environ[FAULT_VARIABLE] = fault
        session(folder, op_ids)

    return ended(forked(armed))


def main() -> None:
    """Go through every point."""
    root = Path(sys.argv[1])
    warm_image()
    empty = empty_journal(root / "empty")
    for turn, point in enumerate(ANCHOR_POINTS):
        folder = fresh_journal(empty, root / str(turn))
        op_ids = [new_op_id(CLOCK.now()) for _ in range(3)]
        died = in_child(folder, op_ids, point)
        again = in_child(folder, op_ids, "")
        reader = read_only(folder, FolderKeyStore(folder, no_ring), CLOCK)
        assert isinstance(reader, JournalReader), reader
        rows = reader.read(lambda tx: tx.rows())
        outside = AnchorFile(folder).read()
        chain = reader.read(lambda tx, outside=outside: tx.verify(outside))
        first_key = reader.read(lambda tx: tx.anchors.first_key())
        reader.close()
        found = {
            "point": point,
            "died": died,
            "again": again,
            "states": sorted(row.state.value for row in rows),
            "sequence": sorted(row.device_seq for row in rows),
            "effects_in_order": (folder / "ledger").read_text().split() == op_ids,
            "settled_rows": chain.rows,
            "chain": chain.ok,
            "exposed": chain.exposed_rows,
            "first_key_wiped": first_key is None,
        }
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
