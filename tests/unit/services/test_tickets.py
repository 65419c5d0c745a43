"""Steps in the hall: each is a command, and what a crash left open is asked, never guessed (DESIGN.md rules 1 to 3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import sagas, services
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import HallStep, HallTicket, IssuedBy
from app.journal import limits
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import ByHand, SagaEngine
from app.journal.saga_plan import Begin
from app.journal.saga_values import Act, SagaState, SagaView
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.services.doorway import Doorway
from app.services.hall_steps import SAGA, HallSteps, hall_acts
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


def engine_on(journal: Journal, hall: Hall) -> SagaEngine:
    soon = lambda low, _high: low  # noqa: E731
    return SagaEngine(journal, sagas.load(), hall_acts(hall), lambda: True, limits.load(), jitter=soon)


def tickets_on(journal: Journal, hall: Hall) -> Tickets:
    doorway = Doorway(journal, services.load().commands, Line())
    return Tickets(HallSteps(doorway, engine_on(journal, hall), CLOCK), hall, CLOCK)


def left_open(journal: Journal, hall: Hall, op_id: str, step: str) -> None:
    """Begin a step and get no further."""
    engine = engine_on(journal, hall)

    def begin(tx: Transaction) -> None:
        assert engine.begin(tx, SAGA, op_id, "0317", {"step": step}) is None
        tx.sagas.intend(op_id, Begin(0, Act.DO, 1), SAGA, saga_key=True)

    journal.run(begin).result()


def told(journal: Journal, op_id: str) -> tuple[SagaState, str | None]:
    view = journal.run(lambda tx: tx.sagas.view(op_id)).result()
    return view.state, view.steps[-1].evidence.get("found")


def test_what_a_crash_left_open_is_asked_in_the_hall(tmp_path: Path, hall: Hall) -> None:
    before = opened(tmp_path)
    for step in HallStep:
        left_open(before, hall, f"did {step}", step)
        left_open(before, hall, f"did not {step}", step)
    engine = engine_on(before, hall)
    before.run(lambda tx: engine.begin(tx, SAGA, "not begun", "0317", {"step": HallStep.CLAIM})).result()
    issued = hall.issue(f"did {HallStep.ISSUE}", "A", IssuedBy.TAP)
    assert isinstance(issued, HallTicket)
    hall.claim_next(f"did {HallStep.CLAIM}", "3")
    hall.recall(f"did {HallStep.RECALL}", issued.ticket_id, "3")
    hall.start(f"did {HallStep.START}", issued.ticket_id, "3")
    assert isinstance(hall.finish(f"did {HallStep.END}", issued.ticket_id, "3"), HallTicket)
    before.close()

    journal = opened(tmp_path)
    assert engine_on(journal, hall).run_due() is None
    for step in HallStep:
        assert told(journal, f"did {step}") == (SagaState.DONE, issued.number)
        assert told(journal, f"did not {step}") == (SagaState.UNDONE, None)
    assert journal.run(lambda tx: tx.sagas.view("not begun")).result().state is SagaState.UNDONE
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
    probes: list[str] = []

    def reply_lost(op_id: str, ticket_id: int, window: str) -> Refusal:
        finish(op_id, ticket_id, window)
        return away

    def no_answer(_step: HallStep, op_id: str) -> Refusal:
        probes.append(op_id)
        return away

    with monkeypatch.context() as line:
        line.setattr(hall, "finish", reply_lost)
        line.setattr(hall, "probe", no_answer)
        assert tickets.finish(called, clerk()) == away
        assert probes == [], "a clerk waits for the act, not for what is asked about it"
    journal.close()

    journal = opened(tmp_path)
    (open_step,) = journal.run(lambda tx: tx.sagas.moving(due=False)).result()
    with monkeypatch.context() as line:
        line.setattr(hall, "probe", no_answer)
        engine_on(journal, hall).run_due()
    assert probes == [open_step.saga_id]
    assert told(journal, open_step.saga_id) == (SagaState.RUNNING, None)
    engine_on(journal, hall).run_due()
    assert told(journal, open_step.saga_id) == (SagaState.DONE, called.number)
    journal.close()


def test_a_hall_that_stays_away_is_left_in_the_end_and_asks_nobody(
    tmp_path: Path, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    left_open(journal, hall, "op-1", HallStep.CLAIM)
    monkeypatch.setattr(hall, "probe", lambda _step, _op_id: Refusal("HALL-AWAY"))
    for _ in range(sagas.load().current(SAGA).steps[0].patience.asks):
        engine_on(journal, hall).advance("op-1")
    assert told(journal, "op-1")[0] is SagaState.LEFT
    assert journal.run(lambda tx: tx.sagas.tasks()).result() == ()
    journal.close()


def test_what_the_hall_refused_stands_when_our_disk_takes_no_row_of_it(
    tmp_path: Path, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    tickets = tickets_on(journal, hall)

    def full(*_arguments: object) -> None:
        raise JournalRefused(Refusal("DISK-FULL"))

    monkeypatch.setattr("app.journal.saga_book.SagaBook.end", full)
    assert tickets.call_next(clerk()) == Refusal("QUEUE-EMPTY")
    with pytest.raises(JournalRefused):
        tickets.issue("A", clerk(), TicketFor())
    journal.close()


def test_a_step_that_was_given_up_before_its_clerk_came_to_it_is_said(
    tmp_path: Path, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(tmp_path)
    advance = SagaEngine.advance

    def overtaken(engine: SagaEngine, saga_id: str, attended: bool = False, by_hand: ByHand | None = None) -> SagaView:
        advance(engine, saga_id)
        return advance(engine, saga_id, attended, by_hand)

    monkeypatch.setattr(SagaEngine, "advance", overtaken)
    assert tickets_on(journal, hall).issue("A", clerk(), TicketFor()) == Refusal("SAGA-NOT-BEGUN")
    view = hall.view("3")
    assert not isinstance(view, Refusal)
    assert view.next_tickets == ()
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
