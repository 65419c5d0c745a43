"""Numbers, order, idempotency and the moves of a ticket."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import postgresql

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.hall import queue
from app.hall.groups import load_groups
from app.hall.hall import Hall
from app.hall.priority import PriorityRule, load_priority
from app.hall.values import HallStep, HallTicket, IssuedBy, TicketState

if TYPE_CHECKING:
    from tests.hall.conftest import HandClock


def issue(hall: Hall, op_id: str, group: str = "A", priority: bool = False) -> HallTicket:
    ticket = hall.issue(op_id, group, IssuedBy.TAP, priority=priority)
    assert isinstance(ticket, HallTicket)
    return ticket


def claim(hall: Hall, op_id: str, window: str = "3", groups: tuple[str, ...] | None = None) -> HallTicket:
    ticket = hall.claim_next(op_id, window, groups)
    assert isinstance(ticket, HallTicket)
    return ticket


def code(result: object) -> str:
    assert isinstance(result, Refusal)
    return result.code


def test_numbers_rise_by_group_and_start_anew_each_business_day(hall: Hall, clock: HandClock) -> None:
    assert [issue(hall, f"i{n}", group).number for n, group in enumerate("AABA")] == ["A001", "A002", "B001", "A003"]
    clock.pass_time(hours=13, minutes=16)
    assert issue(hall, "late").business_date == "2026-11-22"
    clock.pass_time(minutes=1)
    fresh = issue(hall, "next day")
    assert (fresh.number, fresh.business_date) == ("A001", "2026-11-23")


def test_a_number_beyond_999_goes_on_with_four_digits(hall: Hall) -> None:
    from sqlalchemy import text

    hall._connection.write(lambda c: c.execute(text("INSERT INTO number_counter VALUES ('2026-11-22', 'A', 999)")))
    assert issue(hall, "i1").number == "A1000"


def test_an_issue_repeated_with_its_op_id_gives_the_same_ticket(hall: Hall) -> None:
    first = hall.issue("i1", "A", IssuedBy.CARD, holder_index="9f3c", masked_name="陈**", priority=True)
    assert isinstance(first, HallTicket)
    assert hall.issue("i1", "A", IssuedBy.CARD) == first
    assert hall.probe(HallStep.ISSUE, "i1") == first
    assert hall.probe(HallStep.ISSUE, "never") is None
    assert (first.by, first.holder_index, first.masked_name, first.priority) == (IssuedBy.CARD, "9f3c", "陈**", True)
    assert issue(hall, "i2").number == "A002"


def test_a_claim_repeated_with_its_op_id_gives_the_same_ticket_in_its_present_state(hall: Hall) -> None:
    issue(hall, "i1")
    issue(hall, "i2")
    first = claim(hall, "c1")
    assert first.number == "A001"
    assert hall.claim_next("c1", "3") == first
    assert hall.probe(HallStep.CLAIM, "c1") == first
    assert hall.probe(HallStep.CLAIM, "c2") is None
    hall.finish("e1", first.ticket_id, "3")
    assert claim(hall, "c1").state is TicketState.DONE
    assert claim(hall, "c2").number == "A002"


def test_every_move_is_taken_once_an_op_id_and_told_by_its_probe(hall: Hall, clock: HandClock) -> None:
    issue(hall, "i1")
    ticket_id = claim(hall, "c1").ticket_id
    for op_id in ("r1", "r1", "r2", "r2"):
        clock.pass_time(seconds=20)
        recalled = hall.recall(op_id, ticket_id, "3")
    assert isinstance(recalled, HallTicket)
    assert recalled.calls == 3
    assert hall.probe(HallStep.RECALL, "r2") == recalled
    started = hall.start("s1", ticket_id, "3")
    clock.pass_time(minutes=5)
    assert hall.start("s1", ticket_id, "3") == started == hall.probe(HallStep.START, "s1")
    done = hall.finish("e1", ticket_id, "3")
    clock.pass_time(minutes=5)
    assert hall.start("s1", ticket_id, "3") == hall.recall("r2", ticket_id, "3") == done
    assert hall.finish("e1", ticket_id, "3") == done == hall.probe(HallStep.END, "e1")
    assert [hall.probe(step, "never") for step in HallStep] == [None] * len(HallStep)


@pytest.mark.parametrize("end", ["finish", "no_show"])
def test_an_op_id_that_ended_a_number_ends_no_other(hall: Hall, end: str) -> None:
    issue(hall, "i1")
    issue(hall, "i2")
    first = claim(hall, "c1")
    ended = getattr(hall, end)("e1", first.ticket_id, "3")
    second = claim(hall, "c2")
    assert getattr(hall, end)("e1", second.ticket_id, "3") == ended
    assert hall.ticket(second.number) == second


def test_priority_goes_first_then_age_and_groups_are_respected(hall: Hall, clock: HandClock) -> None:
    for op_id, group, priority in (("i1", "A", False), ("i2", "B", False), ("i3", "A", True), ("i4", "B", True)):
        issue(hall, op_id, group, priority)
        clock.pass_time(seconds=-5)
    assert [t.number for t in hall.view("3").next_tickets] == ["A002", "B002", "A001", "B001"]
    assert [claim(hall, f"c{w}", window=str(w)).number for w in range(2)] == ["A002", "B002"]
    assert claim(hall, "only b", window="9", groups=("B", "Y")).number == "B001"
    assert hall.claim_next("nothing left", "8", ("Y",)) is None
    assert hall.probe(HallStep.CLAIM, "nothing left") is None


def test_people_ahead_are_those_called_before(hall: Hall) -> None:
    plain, _, hurried, last = (issue(hall, f"i{n}", g, n == 2) for n, g in enumerate("ABAA"))
    assert [hall.ahead(t.ticket_id) for t in (plain, hurried, last)] == [1, 0, 2]
    claim(hall, "c1")
    assert [hall.ahead(t.ticket_id) for t in (plain, hurried, last)] == [0, 0, 1]
    assert hall.ahead(999) == 0


def test_a_window_holds_one_ticket_at_a_time(hall: Hall) -> None:
    issue(hall, "i1")
    issue(hall, "i2")
    first = claim(hall, "c1")
    refused = hall.claim_next("c2", "3")
    assert refused == Refusal.of("HALL-WINDOW-BUSY", number="A001")
    hall.start("s1", first.ticket_id, "3")
    assert code(hall.claim_next("c2", "3")) == "HALL-WINDOW-BUSY"
    hall.finish("e1", first.ticket_id, "3")
    assert claim(hall, "c2").number == "A002"


def test_the_moves_of_a_ticket_set_their_times_and_repeat_without_harm(hall: Hall, clock: HandClock) -> None:
    issued = issue(hall, "i1")
    clock.pass_time(minutes=2)
    called = claim(hall, "c1")
    clock.pass_time(minutes=1)
    again = hall.recall("r1", called.ticket_id, "3")
    started = hall.start("s1", called.ticket_id, "3")
    clock.pass_time(minutes=9)
    done = hall.finish("e1", called.ticket_id, "3")
    assert isinstance(again, HallTicket)
    assert isinstance(started, HallTicket)
    assert isinstance(done, HallTicket)
    assert (issued.calls, called.calls, again.calls) == (0, 1, 2)
    assert (issued.called_at, started.state, done.state) == (None, TicketState.SERVING, TicketState.DONE)
    assert done.called_at is not None
    assert done.started_at is not None
    assert done.done_at is not None
    spans = (done.called_at - done.issued_at, done.started_at - done.called_at, done.done_at - done.started_at)
    assert [span.total_seconds() for span in spans] == [120, 60, 540]
    assert hall.finish("e1", called.ticket_id, "3") == done
    assert hall.finish("pressed again", called.ticket_id, "3") == done
    assert hall.ticket("A001") == done
    assert hall.ticket("A002") is None
    assert hall.view("3").done_today == 1
    assert hall.view("4").done_today == 0


def test_a_holder_has_one_open_number_a_day(hall: Hall, clock: HandClock) -> None:
    def by_card(op_id: str, group: str = "A") -> HallTicket:
        ticket = hall.issue(op_id, group, IssuedBy.CARD, holder_index="9f3c", masked_name="陈**")
        assert isinstance(ticket, HallTicket)
        return ticket

    first = by_card("i1")
    assert by_card("i2") == by_card("i3", "B") == first
    assert first.issue_op_id == "i1"
    assert hall.probe(HallStep.ISSUE, "i2") is None
    other = hall.issue("i4", "A", IssuedBy.CARD, holder_index="77aa")
    assert isinstance(other, HallTicket)
    assert (first.number, other.number) == ("A001", "A002")
    called = claim(hall, "c1")
    assert by_card("i5") == called
    hall.no_show("e1", called.ticket_id, "3")
    assert by_card("i6").number == "A003"
    clock.pass_time(days=1)
    assert by_card("i7").number == "A001"
    assert [issue(hall, "t1").number, issue(hall, "t2").number] == ["A002", "A003"]


def test_the_key_of_a_day_is_one_for_the_hall_and_gone_the_day_after(
    hall: Hall, url: str, clock: HandClock, tmp_path: Path
) -> None:
    window = Hall.open(url, clock)
    assert isinstance(window, Hall)
    key = hall.day_key()
    assert isinstance(key, bytes)
    assert (len(key), window.day_key(), hall.day_key()) == (32, key, key)
    clock.pass_time(days=1)
    assert hall.day_key() == window.day_key() != key
    window.close()
    hall.close()
    assert key.hex().encode() not in (tmp_path / "hall.db").read_bytes()


def test_priority_is_a_matter_of_full_years_and_the_table() -> None:
    rule = load_priority()
    assert rule.from_age == 60
    today = date(2026, 11, 22)
    born = {date(1966, 11, 22): True, date(1966, 11, 23): False, date(1966, 10, 30): True, date(1967, 1, 1): False}
    assert {day: rule.goes_first(day, today) for day in born} == born
    assert not rule.goes_first(None, today)
    assert PriorityRule(18).goes_first(date(2008, 2, 29), date(2026, 3, 1))


@pytest.mark.parametrize("move", ["start", "finish", "no_show", "recall"])
def test_a_ticket_of_another_window_or_of_nobody_is_not_moved(hall: Hall, move: str) -> None:
    waiting = issue(hall, "i1")
    assert code(getattr(hall, move)("m1", waiting.ticket_id, "3")) == "HALL-TICKET-MOVED"
    called = claim(hall, "c1")
    assert getattr(hall, move)("m2", called.ticket_id, "4") == Refusal.of("HALL-TICKET-MOVED", number="A001")
    assert code(getattr(hall, move)("m3", 4711, "3")) == "HALL-TICKET-UNKNOWN"
    assert hall.ticket("A001") == called


def test_missed_and_cancelled_tickets_leave_the_queue(hall: Hall) -> None:
    issue(hall, "i1")
    voided = issue(hall, "i2")
    missed = claim(hall, "c1")
    assert code(hall.cancel("e0", missed.ticket_id)) == "HALL-TICKET-MOVED"
    gone = hall.no_show("e1", missed.ticket_id, "3")
    assert isinstance(gone, HallTicket)
    assert gone.state is TicketState.NO_SHOW
    cancelled = hall.cancel("e2", voided.ticket_id)
    assert isinstance(cancelled, HallTicket)
    assert cancelled.state is TicketState.CANCELLED
    assert hall.cancel("e2", voided.ticket_id) == cancelled
    assert hall.claim_next("c2", "3") is None


def test_the_view_shows_current_counts_and_who_comes_next(hall: Hall) -> None:
    for n, group in enumerate("ABBAAAAA"):
        issue(hall, f"i{n}", group)
    current = claim(hall, "c1")
    view = hall.view("3")
    assert view.current == current
    assert view.counts == (("A", 5), ("B", 2), ("Y", 0))
    assert [t.number for t in view.next_tickets] == ["B001", "B002", "A002", "A003", "A004"]
    assert hall.view("4").current is None


def test_yesterdays_tickets_are_neither_called_nor_in_hand(hall: Hall, clock: HandClock) -> None:
    issue(hall, "i1")
    issue(hall, "i2")
    claim(hall, "c1")
    clock.pass_time(days=1)
    assert hall.claim_next("c2", "3") is None
    assert hall.view("3").current is None
    assert issue(hall, "i3").number == "A001"
    assert claim(hall, "c3").business_date == "2026-11-23"


def test_a_group_that_no_table_names_is_refused(hall: Hall) -> None:
    assert code(hall.issue("i1", "Q", IssuedBy.TAP)) == "QUEUE-GROUP-UNKNOWN"


def test_each_group_has_a_title_in_both_languages() -> None:
    titles = [group.title for group in load_groups()]
    assert texts.load("zh_CN")(titles[0]) == "社保卡业务"
    assert all(texts.load("en")(title) for title in titles)


def test_the_claim_skips_locked_rows_where_rows_are_locked(clock: HandClock) -> None:
    statement = queue.claim_statement("c1", "3", "2026-11-22", ("A",), clock.now())
    assert "FOR UPDATE SKIP LOCKED" in str(statement.compile(dialect=postgresql.dialect()))
