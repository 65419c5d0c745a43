"""Gives out, calls, serves and ends a number while it is killed, starts again, and says what hall and journal say.

A program of its own: `python -m tests.crash.saga.queue_through FOLDER FAULT…`; prints one line of JSON for each fault.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import HallStep
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import SagaEngine
from app.journal.saga_values import SagaView
from app.services.doorway import Doorway
from app.services.hall_steps import HallSteps, hall_acts
from app.services.ticket_holder import TicketFor
from app.services.tickets import Tickets
from app.services.views import TicketView
from tests.crash.lab.warm_image import warm_image
from tests.crash.saga.carry_through import CATALOGUE, CLERK, CLOCK, LIMITS, SAGAS, fresh, in_child, saga_ids
from tests.unit.services.test_doorway import Line

COLUMNS = {
    HallStep.ISSUE: "issue_op_id",
    HallStep.CLAIM: "claim_op_id",
    HallStep.START: "start_op_id",
    HallStep.RECALL: "recall_op_id",
    HallStep.END: "end_op_id",
}


def session(folder: Path) -> None:
    """Serve one number from issue to end; a second start only settles what the first left."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    hall = Hall.open(hall_url(folder), CLOCK)
    assert isinstance(journal, Journal), journal
    assert isinstance(hall, Hall), hall
    engine = SagaEngine(journal, SAGAS, hall_acts(hall), lambda: True, LIMITS)
    if (folder / "begun").exists():
        engine.run_due()
    else:
        (folder / "begun").touch()
        steps = HallSteps(Doorway(journal, CATALOGUE.commands, Line()), engine, CLOCK)
        tickets = Tickets(steps, hall, CLOCK)
        assert isinstance(tickets.issue("A", CLERK, TicketFor()), TicketView)
        called = tickets.call_next(CLERK)
        assert isinstance(called, TicketView), called
        assert isinstance(tickets.recall(called, CLERK), TicketView)
        assert isinstance(tickets.start(called, CLERK), TicketView)
        assert tickets.finish(called, CLERK) is None
    hall.close()
    journal.close()


def happened(hall: sqlite3.Connection, view: SagaView) -> bool:
    """Ask the hall's own table, beside every probe of ours, whether a step took effect."""
    column = COLUMNS[HallStep(view.saga.input["step"])]
    asked = f"SELECT count(*) FROM ticket WHERE {column} = ?"
    return bool(hall.execute(asked, (view.saga.saga_id,)).fetchone()[0])


def told(folder: Path) -> dict[str, object]:
    """Say of each saga whether its end is true."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal)
    views = journal.run(lambda tx: [tx.sagas.view(saga_id) for saga_id in saga_ids(tx)]).result()
    journal.close()
    with closing(sqlite3.connect(folder / "hall.db")) as hall:
        found = {view.saga.input["step"]: (view.state.value, happened(hall, view)) for view in views}
    return {"sagas": found}


def main() -> None:
    """Go through the faults."""
    root = Path(sys.argv[1])
    warm_image()
    empty = fresh(root / "empty")
    hall = Hall.open(hall_url(empty), CLOCK)
    assert isinstance(hall, Hall), hall
    hall.close()
    for turn, fault in enumerate(sys.argv[2:]):
        folder = shutil.copytree(empty, root / str(turn))
        died = in_child(lambda where=folder: session(where), fault)
        again = in_child(lambda where=folder: session(where), "")
        sys.stdout.write(json.dumps({"faults": fault, "died": [died], "again": again, **told(folder)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
