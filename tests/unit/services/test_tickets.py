"""Steps in the hall: each is a command, and what a crash left open is asked, never guessed (DESIGN.md rules 1 to 3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import services
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import HallStep, HallTicket, IssuedBy
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.world_steps import StepState
from app.services.doorway import Doorway
from app.services.hall_steps import NEVER_HAPPENED, HallSteps
from app.services.ticket_holder import TicketFor
from app.services.tickets import Tickets
from app.services.views import TicketView
from tests.unit.services.people import clerk
from tests.unit.services.test_doorway import Line

CLOCK = SystemClock()


def opened(folder: Path) -> Journal:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal)
    return journal


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall.open(hall_url(tmp_path), CLOCK)
    assert isinstance(hall, Hall)
    yield hall
    hall.close()


def tickets_on(journal: Journal, hall: Hall) -> Tickets:
    doorway = Doorway(journal, services.load().commands, Line())
    return Tickets(HallSteps(doorway, journal, CLOCK), hall, CLOCK)


def told(journal: Journal, op_id: str, step: str) -> tuple[StepState, str | None]:
    found = journal.run(lambda tx: tx.step(op_id, step)).result()
    assert found is not None
    return found.state, found.evidence


def test_what_a_crash_left_open_is_asked_in_the_hall(tmp_path: Path, hall: Hall) -> None:
    before = opened(tmp_path)
    steps = [*((f"did {step}", step) for step in HallStep), *((f"did not {step}", step) for step in HallStep)]
    for op_id, step in [*steps, ("of another room", "printer.print")]:
        before.run(lambda tx, op_id=op_id, step=step: tx.step_intended(op_id, step)).result()
    issued = hall.issue(f"did {HallStep.ISSUE}", "A", IssuedBy.TAP)
    assert isinstance(issued, HallTicket)
    hall.claim_next(f"did {HallStep.CLAIM}", "3")
    hall.recall(f"did {HallStep.RECALL}", issued.ticket_id, "3")
    hall.start(f"did {HallStep.START}", issued.ticket_id, "3")
    assert isinstance(hall.finish(f"did {HallStep.END}", issued.ticket_id, "3"), HallTicket)
    before.close()

    journal = opened(tmp_path)
    assert set(tickets_on(journal, hall).settle_unknown()) == {op_id for op_id, _ in steps}
    for step in HallStep:
        assert told(journal, f"did {step}", step) == (StepState.DONE, issued.number)
        assert told(journal, f"did not {step}", step) == (StepState.FAILED, NEVER_HAPPENED)
    assert [step.op_id for step in journal.run(lambda tx: tx.unsettled_steps()).result()] == ["of another room"]
    journal.close()


def test_a_hall_that_goes_away_leaves_the_step_open_until_it_can_be_asked(
    tmp_path: Path, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    tickets = tickets_on(journal, hall)
    assert isinstance(tickets.issue("A", clerk(), TicketFor()), TicketView)
    called = tickets.call_next(clerk())
    assert isinstance(called, TicketView)
    finish = hall.finish
    away = Refusal("HALL-AWAY")

    def reply_lost(op_id: str, ticket_id: int, window: str) -> Refusal:
        finish(op_id, ticket_id, window)
        return away

    with monkeypatch.context() as line:
        line.setattr(hall, "finish", reply_lost)
        assert tickets.finish(called, clerk()) == away
    journal.close()

    journal = opened(tmp_path)
    tickets = tickets_on(journal, hall)
    with monkeypatch.context() as line:
        line.setattr(hall, "probe", lambda _step, _op_id: away)
        assert tickets.settle_unknown() == ()
    (settled,) = tickets.settle_unknown()
    assert told(journal, settled, HallStep.END) == (StepState.DONE, called.number)
    assert tickets.settle_unknown() == ()
    journal.close()


def test_every_step_is_a_command_with_its_rows(tmp_path: Path, hall: Hall) -> None:
    journal = opened(tmp_path)
    tickets = tickets_on(journal, hall)
    rows = journal.run(lambda tx: tx.verify()).result().rows
    assert tickets.call_next(clerk()) == Refusal("QUEUE-EMPTY")
    assert isinstance(tickets.issue("A", clerk(), TicketFor()), TicketView)
    called = tickets.call_next(clerk())
    assert isinstance(called, TicketView)
    assert isinstance(tickets.recall(called, clerk()), TicketView)
    started = tickets.start(called, clerk())
    assert isinstance(started, TicketView)
    assert started.state == "serving"
    assert tickets.recall(started, clerk()) == Refusal.of("HALL-TICKET-MOVED", number=called.number)
    assert tickets.finish(called, clerk()) is None
    guide = clerk(frozenset({"queue.issue"}))
    denied = [tickets.start(called, guide), tickets.recall(called, guide), tickets.finish(called, guide)]
    assert {refusal.code for refusal in denied if isinstance(refusal, Refusal)} == {"NOT-PERMITTED"}
    assert journal.run(lambda tx: tx.verify()).result().rows == rows + 7 + len(denied)
    journal.close()
