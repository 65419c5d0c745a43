"""Steps in the hall that a crash left open: the hall is asked, nothing is guessed (DESIGN.md rule 3)."""

from __future__ import annotations

from pathlib import Path

from app.catalogue import services
from app.domain.clock import SystemClock
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import HallTicket, IssuedBy
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services.doorway import Doorway
from app.services.tickets import CLAIM, FINISH, ISSUE, NEVER_HAPPENED, Tickets
from tests.unit.services.test_doorway import Line

CLOCK = SystemClock()


def opened(folder: Path) -> Journal:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal)
    return journal


def test_what_a_crash_left_open_is_probed_and_what_cannot_be_probed_stays_unknown(tmp_path: Path) -> None:
    hall = Hall.open(hall_url(tmp_path), CLOCK)
    assert isinstance(hall, Hall)
    before = opened(tmp_path)
    for op_id, step in (("issued", ISSUE), ("claimed", CLAIM), ("not claimed", CLAIM), ("ended", FINISH)):
        before.run(lambda tx, op_id=op_id, step=step: tx.step_intended(op_id, step)).result()
    assert isinstance(hall.issue("issued", "A", IssuedBy.TAP), HallTicket)
    claimed = hall.claim_next("claimed", "3")
    assert isinstance(claimed, HallTicket)
    before.close()

    journal = opened(tmp_path)
    tickets = Tickets(Doorway(journal, services.load().commands, Line()), journal, hall, CLOCK)
    assert set(tickets.settle_unknown()) == {"issued", "claimed", "not claimed"}
    states = {
        op_id: journal.run(lambda tx, op_id=op_id, step=step: tx.step(op_id, step)).result()
        for op_id, step in (("issued", ISSUE), ("claimed", CLAIM), ("not claimed", CLAIM), ("ended", FINISH))
    }
    told = {op_id: (str(step.state), step.evidence) for op_id, step in states.items() if step is not None}
    assert told["issued"] == ("done", claimed.number)
    assert told["claimed"] == ("done", claimed.number)
    assert told["not claimed"] == ("failed", NEVER_HAPPENED)
    assert told["ended"][0] == "unknown"
    journal.close()
    hall.close()
