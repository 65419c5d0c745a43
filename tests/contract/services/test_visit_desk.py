"""One window's work over real parts: every step of the visit, and what each refuses."""

from __future__ import annotations

import sqlite3
import time

import pytest

from app.domain.identity import Proof
from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.hall.training_staff import training_password
from app.services.counter import Counter, open_counter
from app.services.events import EventBus
from app.services.views import Acceptance, FormView, QueueView, ReceiptView, ReviewView, TicketView, VisitView
from hardware.ports import PrintOutcome, ReaderState
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import load_profile
from tests.contract.services.conftest import OpenCounter, tasks_of
from tests.programs import Province


def wait_until(holds: object, seconds: float = 10.0) -> None:
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    assert holds()


def signed_in(counter: Counter) -> Counter:
    actor = counter.desk.sign_in("0317", training_password())
    assert not isinstance(actor, Refusal), actor
    return counter


def put_card(counter: Counter, profile: str) -> None:
    assert counter.virtual_reader is not None
    counter.virtual_reader.insert(VirtualCard(load_profile(profile)))


def do(counter: Counter, code: str, **values: str) -> Acceptance:
    desk = counter.desk
    form = desk.open_form(code)
    assert isinstance(form, FormView), form
    review = desk.make_review({**{field.key: field.value for field in form.fields}, **values})
    assert isinstance(review, ReviewView), review
    accepted = desk.submit(review.digest)
    assert isinstance(accepted, Acceptance), accepted
    return accepted


def test_a_visit_from_number_to_receipt(opened: OpenCounter, province: Province) -> None:
    counter = signed_in(opened("gen3"))
    desk = counter.desk
    issued = desk.issue_number("A")
    assert isinstance(issued, TicketView)
    called = desk.call_next()
    assert isinstance(called, TicketView)
    assert called.number == issued.number
    assert desk.call_next() == Refusal("VISIT-OPEN")
    assert isinstance(desk.recall(), TicketView)
    visit = desk.identify()
    assert isinstance(visit, VisitView)
    assert visit.identity.card_proof.complete
    assert visit.identity.name_proof is Proof.CHIP
    assert visit.profile is not None
    assert visit.profile.social is SocialState.NORMAL
    accepted = do(counter, "20", reason="stolen")
    assert accepted.state is DeliveryState.APPLIED
    receipt = desk.receipt(accepted.op_id)
    assert isinstance(receipt, ReceiptView)
    assert receipt.pdf.startswith(b"%PDF")
    printed = desk.print_receipt(receipt)
    assert isinstance(printed, ReceiptView)
    assert printed.state in (PrintOutcome.ACCEPTED, PrintOutcome.PRINTED)
    papers = list((counter.settings.folder / "papers").iterdir())
    assert [paper.read_bytes() for paper in papers if paper.suffix == ".pdf"] == [receipt.pdf]
    assert desk.finish() is None
    queue = desk.queue()
    assert isinstance(queue, QueueView)
    assert (queue.current, queue.done_today) == (None, 1)
    assert province.ledger() == {accepted.op_id: 1}
    assert counter.journal.run(lambda tx: tx.verify()).result().ok


def test_each_service_begins_with_what_holds_now(opened: OpenCounter, province: Province) -> None:
    counter = signed_in(opened("gen3"))
    desk = counter.desk
    assert isinstance(desk.identify(), VisitView)
    lost = do(counter, "20")
    assert desk.in_hand.visit is not None
    assert desk.in_hand.visit.profile is not None
    assert desk.in_hand.visit.profile.social is SocialState.LOST_TEMPORARY
    again = desk.open_form("20")
    assert isinstance(again, Refusal)
    assert again.code == "CARD-LOST-ALREADY"
    released = do(counter, "22")
    assert released.state is DeliveryState.APPLIED
    assert desk.in_hand.visit.profile.social is SocialState.NORMAL
    assert province.ledger() == {lost.op_id: 1, released.op_id: 1}
    assert tasks_of(counter) == ()


def test_each_step_says_what_it_needs_first(opened: OpenCounter) -> None:
    counter = opened("gen2")
    desk = counter.desk
    assert desk.call_next() == Refusal("NOT-SIGNED-IN")
    assert desk.issue_number("A") == Refusal("NOT-SIGNED-IN")
    assert desk.identify() == Refusal("NOT-SIGNED-IN")
    assert desk.finish() == Refusal("NOT-SIGNED-IN")
    wrong = desk.sign_in("0317", "wrong")
    assert isinstance(wrong, Refusal)
    assert wrong.code == "STAFF-UNKNOWN-OR-PASSWORD"
    signed_in(counter)
    assert desk.call_next() == Refusal("QUEUE-EMPTY")
    assert desk.finish() == Refusal("NO-VISIT")
    assert desk.recall() == Refusal("NO-VISIT")
    assert desk.open_form("20") == Refusal("NO-VISIT")
    assert desk.make_review({}) == Refusal("NO-VISIT")
    assert desk.submit("x") == Refusal("NO-VISIT")
    assert desk.receipt("x") == Refusal("NO-VISIT")
    assert isinstance(desk.identify(), VisitView)
    refused = desk.open_form("22")
    assert isinstance(refused, Refusal)
    assert refused.code == "CARD-IS-NORMAL"
    assert isinstance(desk.open_form("99"), Refusal)
    assert isinstance(desk.open_form("20"), FormView)
    wrong_fields = desk.make_review({"reason": "", "phone": "1"})
    assert isinstance(wrong_fields, tuple)
    assert [key for key, _ in wrong_fields] == ["reason", "phone"]
    assert isinstance(desk.make_review({"reason": "lost", "phone": "13900000000"}), ReviewView)
    assert desk.submit("another digest") == Refusal("REVIEW-STALE")
    desk.sign_out()
    assert desk.in_hand.actor is None


def test_what_was_typed_as_a_staff_number_is_kept_only_where_it_is_one(opened: OpenCounter) -> None:
    counter = opened("gen2")
    for typed in ("training-2026", "0317"):
        assert isinstance(counter.desk.sign_in(typed, "wrong"), Refusal)
    ask = "SELECT actor FROM audit WHERE event = 'staff.sign_in' ORDER BY n"
    tried = counter.journal.run(lambda tx: tx._book.connection.exec_driver_sql(ask).scalars().all()).result()
    assert tried == ["?", "0317"]


def test_a_card_that_becomes_another_persons_is_put_aside(opened: OpenCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = signed_in(opened("gen2"))
    desk = counter.desk
    assert isinstance(desk.identify(), VisitView)
    assert isinstance(desk.open_form("20"), FormView)
    monkeypatch.setattr(desk._identification, "renew", lambda _visit, _actor: Refusal("CARD-PERSON-DIFFERS"))
    assert desk.rejudge() == Refusal("CARD-PERSON-DIFFERS")
    assert (desk.in_hand.visit, desk.in_hand.form) == (None, None)
    assert desk.in_hand.actor is not None
    assert desk.rejudge() is None


def test_a_hall_without_staff_says_so_and_not_that_the_password_is_wrong(opened: OpenCounter) -> None:
    counter = opened("gen2")
    hall = sqlite3.connect(counter.settings.folder / "hall.db")
    hall.execute("DELETE FROM staff")
    hall.commit()
    hall.close()
    assert counter.desk.sign_in("0317", training_password()) == Refusal("HALL-STAFF-NONE")
    assert counter.desk.in_hand.actor is None


def test_release_wants_the_very_card_that_was_read(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen3-lost"))
    desk = counter.desk
    visit = desk.identify()
    assert isinstance(visit, VisitView)
    assert visit.suggested == "22"
    form = desk.open_form("22")
    assert isinstance(form, FormView)
    review = desk.make_review({})
    assert isinstance(review, ReviewView)
    put_card(counter, "gen2")
    assert desk.submit(review.digest) == Refusal("CARD-CHANGED")
    put_card(counter, "gen3-lost")
    accepted = desk.submit(review.digest)
    assert isinstance(accepted, Acceptance)
    assert accepted.state is DeliveryState.APPLIED


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ("bank-only", "CARD-NOT-OURS"),
        ("bad-tlv", "CARD-MALFORMED"),
        ("cloned", "CARD-NOT-GENUINE"),
        ("mute-ef06", "CARD-MUTE"),
    ],
)
def test_a_card_that_cannot_be_used_is_a_sentence(opened: OpenCounter, profile: str, code: str) -> None:
    counter = signed_in(opened(profile))
    refused = counter.desk.identify()
    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_a_dead_holder_opens_nothing(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen2-dead"))
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    assert {service.refusal.code for service in visit.services if service.refusal} == {"PERSON-DEAD"}


def test_the_province_goes_in_the_middle_of_a_visit_and_comes_back(opened: OpenCounter, province: Province) -> None:
    counter = signed_in(opened("gen3"))
    desk = counter.desk
    assert isinstance(desk.identify(), VisitView)
    province.kill()
    wait_until(lambda: not counter.circuit.online)
    judged = desk.rejudge()
    assert judged is not None
    assert judged.offline
    accepted = do(counter, "20")
    assert accepted.state in (DeliveryState.QUEUED, DeliveryState.SENDING)
    assert counter.summary().pending == 1
    offline = desk.identify()
    assert isinstance(offline, VisitView)
    assert offline.identity.name is None
    assert offline.problem is not None
    assert offline.problem.code == "PROVINCE-AWAY"
    refused = desk.open_form("22")
    assert isinstance(refused, Refusal)
    assert refused.code == "OFFLINE-NEVER"
    province.start()
    assert counter.drain(15) == 0
    assert province.ledger() == {accepted.op_id: 1}
    back = desk.identify()
    assert isinstance(back, VisitView)
    assert back.profile is not None
    assert back.profile.social is SocialState.LOST_TEMPORARY


def test_a_second_counter_on_the_same_folder_is_refused(opened: OpenCounter) -> None:
    counter = opened("gen1")
    assert open_counter(counter.settings, EventBus()) == Refusal("DATA-FOLDER-IN-USE")


def test_the_reader_is_watched(opened: OpenCounter) -> None:
    counter = signed_in(opened("gen1"))
    assert counter.virtual_reader is not None
    counter.virtual_reader.remove()
    refused = counter.desk.identify()
    assert isinstance(refused, Refusal)
    assert refused.code == "CARD-NONE"
    assert ReaderState.EMPTY == "empty"


@pytest.mark.parametrize("path", ["/v1/hsm", "/v1/card-checks"])
def test_a_card_without_both_checks_shows_no_profile_and_starts_no_service(
    opened: OpenCounter, province: Province, path: str
) -> None:
    counter = signed_in(opened("gen3"))
    province.post("/training/faults", {"mode": "http500", "path": path})
    visit = counter.desk.identify()
    assert isinstance(visit, VisitView)
    assert not visit.offline
    assert visit.profile is None
    assert visit.identity.name == (None if path == "/v1/hsm" else "郑清和")
    for code in ("20", "22", "90"):
        assert counter.desk.open_form(code) == Refusal("CARD-NOT-AUTHENTICATED")
    province.post("/training/faults", {"mode": "none"})
    again = counter.desk.identify()
    assert isinstance(again, VisitView)
    assert again.profile is not None
