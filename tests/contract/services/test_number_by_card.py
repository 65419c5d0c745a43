"""A number by card: whose it is, once a day and holder; and what is said when somebody else comes with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.domain.citizen_number import check_digit
from app.domain.digest import sm3_hex
from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.services.counter import Counter
from app.services.views import QueueView, TicketView, VisitView
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import CardProfile, load_profile
from tests.contract.services.conftest import OpenCounter
from tests.contract.services.test_visit_desk import do, put_card, signed_in, wait_until
from tests.programs import Province


def numbered(counter: Counter) -> TicketView:
    ticket = counter.desk.issue_number("A")
    assert isinstance(ticket, TicketView), ticket
    return ticket


def called(counter: Counter) -> TicketView:
    ticket = counter.desk.call_next()
    assert isinstance(ticket, TicketView), ticket
    return ticket


def take_card_out(counter: Counter) -> None:
    assert counter.virtual_reader is not None
    counter.virtual_reader.remove()


def elder() -> CardProfile:
    """Return a card of somebody who was sixty long ago."""
    card = load_profile("gen2")
    assert card.holder is not None
    number = "35010419400101004"
    born = date(1940, 1, 1)
    old = replace(card.holder, citizen_number=number + check_digit(number), birth_date=born, name="高寿")
    return replace(card, holder=old)


def test_with_a_card_the_number_is_the_holders_and_the_only_one(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen3"))
    first = numbered(counter)
    assert (first.masked_name, first.priority, first.problem) == ("郑**", False, None)
    again = numbered(counter)
    assert again.number == first.number
    assert again.problem == Refusal.of("QUEUE-NUMBER-HELD", number=first.number)
    queue = counter.desk.queue()
    assert isinstance(queue, QueueView)
    assert [ticket.number for ticket in queue.next_tickets] == [first.number]
    called(counter)
    assert counter.desk.finish() is None
    assert numbered(counter).number != first.number


def test_without_a_card_every_number_is_a_plain_new_one(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen2"))
    take_card_out(counter)
    first, second = numbered(counter), numbered(counter)
    assert first.number != second.number
    assert (first.masked_name, first.holder_index, first.problem) == (None, None, None)


def test_what_the_hall_keeps_tells_nobody_who_it_was(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen2"))
    holder = load_profile("gen2").holder
    assert holder is not None
    index = numbered(counter).holder_index
    assert index is not None
    assert len(bytes.fromhex(index)) == 32
    assert index not in (sm3_hex(holder.citizen_number.encode()), sm3_hex(holder.card_id.encode()))
    kept = b"".join(file.read_bytes() for file in counter.settings.folder.glob("hall.db*"))
    assert index.encode() in kept
    for text in (holder.citizen_number, holder.name, holder.card_id, holder.card_number):
        assert text.encode() not in kept


def test_who_is_old_enough_goes_first(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen2"))
    young = numbered(counter)
    assert counter.virtual_reader is not None
    counter.virtual_reader.insert(VirtualCard(elder()))
    old = numbered(counter)
    assert (old.priority, old.masked_name, old.problem) == (True, "高*", None)
    assert old.number > young.number
    assert called(counter).number == old.number


def test_a_card_that_cannot_be_used_still_gets_a_number_and_says_why(opened: OpenCounter) -> None:
    counter = signed_in(opened("bank-only"))
    for profile, code in (
        ("bank-only", "CARD-NOT-OURS"),
        ("cloned", "CARD-NOT-GENUINE"),
        ("bad-tlv", "CARD-MALFORMED"),
    ):
        put_card(counter, profile)
        ticket = numbered(counter)
        assert ticket.problem is not None
        assert (ticket.problem.code, ticket.masked_name) == (code, None)


def test_offline_a_card_that_keeps_its_holder_to_itself_gets_a_plain_number(
    opened: OpenCounter, province: Province
) -> None:
    counter = signed_in(opened("gen3"))
    province.kill()
    wait_until(lambda: not counter.circuit.online)
    plain = numbered(counter)
    assert (plain.problem, plain.masked_name) == (Refusal("CARD-PERSON-UNREAD"), None)
    put_card(counter, "gen2")
    assert numbered(counter).masked_name == "陈**"


def test_the_card_of_its_holder_is_served_without_a_word(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen3"))
    number = numbered(counter).number
    assert called(counter).number == number
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    assert visit.notice is None
    assert counter.desk.in_hand.ticket is not None
    assert counter.desk.in_hand.ticket.state == "serving"


def test_another_persons_card_is_told_and_stops_nothing(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen3"))
    number = numbered(counter).number
    called(counter)
    put_card(counter, "gen2")
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    assert visit.notice == Refusal.of("QUEUE-OTHER-HOLDER", number=number, name="郑**")
    # The number still waits for its holder: it may be called again, or missed.
    assert counter.desk.in_hand.ticket is not None
    assert counter.desk.in_hand.ticket.state == "called"
    assert isinstance(counter.desk.recall(), TicketView)
    assert do(counter, "20", reason="stolen").state is DeliveryState.APPLIED
    put_card(counter, "gen3")
    own = counter.desk.identify()
    assert isinstance(own, VisitView)
    assert own.notice is None
    assert counter.desk.finish() is None


def test_a_plain_number_is_anybodys(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen2"))
    take_card_out(counter)
    numbered(counter)
    called(counter)
    put_card(counter, "gen2")
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    assert visit.notice is None
