"""正式挂失 over real parts: the bank first, then the province; refused there, the bank's loss is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.catalogue import texts
from app.domain.approval import Approval
from app.domain.clock import SystemClock
from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.hall.training_staff import training_password
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.journal.saga_rows import NewSaga
from app.journal.saga_values import SagaState, SagaView, StepState, Verdict
from app.journal.transaction import Transaction
from app.services.counter import Counter, open_counter
from app.services.events import Event, EventBus, SagaMoved
from app.services.settings import Settings, load
from app.services.task_desk import SettlementView
from app.services.views import Acceptance, FormView, ReceiptView, ReviewView, VisitView
from hardware.virtual.profiles import load_profile
from tests.contract.services.conftest import rows_of, signed_in_actor, tasks_of
from tests.contract.services.test_visit_desk import do, signed_in, wait_until
from tests.programs import Counter as Folder
from tests.programs import Province

WORDS = texts.load()
ACCOUNT = WORDS("receipt_words.account")
BANK = WORDS("services.bank_with_line", line="95566")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    served = Province(tmp_path_factory.mktemp("province"))
    served.start()
    yield served
    served.kill()


@dataclass
class Window:
    """A counter with a card in its reader, and what province and bank have of that card."""

    counter: Counter
    province: Province
    card_id: str
    account: str

    def fault(self, door: str = "/v1", **fault: Any) -> None:
        self.province.post("/training/faults", {"path": door, **fault})

    def visit(self) -> VisitView:
        visit = self.counter.desk.identify()
        assert isinstance(visit, VisitView), visit
        return visit

    def lose(self) -> Acceptance | Refusal:
        self.visit()
        desk = self.counter.desk
        form = desk.open_form("21")
        assert isinstance(form, FormView), form
        values = {field.key: field.value for field in form.fields}
        review = desk.make_review({**values, "id_document": "resident_id"})
        assert isinstance(review, ReviewView), review
        return desk.submit(review.digest)

    def accepted(self) -> Acceptance:
        accepted = self.lose()
        assert isinstance(accepted, Acceptance), accepted
        return accepted

    def saga(self, op_id: str) -> SagaView:
        return self.counter.journal.run(lambda tx: tx.sagas.view(op_id)).result()

    def social(self) -> str:
        rows = self.province.get("/training/holders?limit=5000")
        return next(row["social"] for row in rows if row["card_id"] == self.card_id)

    def move(self, social: str) -> None:
        self.province.post(f"/training/cards/{self.card_id}/state", {"social": social})

    def tell_bank(self, lost: bool) -> None:
        self.province.post(f"/training/bank/accounts/{self.account}", {"lost": lost})

    def lost_at_bank(self) -> bool:
        return bool(self.province.get(f"/training/bank/accounts/{self.account}")["lost"])

    def effects(self, view: SagaView) -> dict[str, int]:
        """Count what took effect of each step, at the bank and at the province."""
        bank = {row["serial"]: row["applied"] for row in self.province.get("/training/bank/ledger")}
        counted = {row.step: bank.get(row.idem_key, 0) for row in view.steps if row.step != "province_loss"}
        return {**counted, "province_loss": self.province.ledger().get(view.saga.saga_id, 0)}

    def receipt_rows(self, op_id: str) -> dict[str, Any]:
        receipt = self.counter.desk.receipt(op_id)
        assert isinstance(receipt, ReceiptView), receipt
        content = json.loads(receipt.content)
        return {**content, "rows": dict(content["rows"])}


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, province: Province) -> Iterator[Counter]:
    """One counter for the module: to open one takes longer than what is tested on it."""
    folder = Folder.make(tmp_path_factory.mktemp("counter"), province, "gen3").folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YIKATONG_KEY_STORE", "file")
        settings = load(folder, training=True, hall_url=None)
        assert isinstance(settings, Settings)
        opened = open_counter(settings, EventBus())
    assert isinstance(opened, Counter), opened
    # A first receipt, so that the worker that renders belongs to the module and not to a test.
    assert isinstance(signed_in(opened).desk.identify(), VisitView)
    assert isinstance(opened.desk.receipt(do(opened, "90").op_id), ReceiptView)
    yield opened
    opened.close()


@pytest.fixture
def window(counter: Counter, province: Province) -> Iterator[Window]:
    holder = load_profile("gen3").holder
    assert holder is not None
    made = Window(counter, province, holder.card_id, holder.province.bank_account)
    made.move("normal")
    made.tell_bank(lost=False)
    yield made
    made.fault()
    made.fault("/bank/v1")
    assert counter.drain(10) == 0
    wait_until(lambda: not counter.journal.run(lambda tx: tx.sagas.moving(due=False)).result())
    for task in tasks_of(counter):
        counter.journal.run(partial(Transaction.close_task, op_id=task.op_id, actor="0418", note="")).result()


def test_both_sides_take_effect_once_and_the_receipt_says_so(window: Window) -> None:
    told: list[tuple[str, str]] = []

    def listen(event: Event) -> None:
        if isinstance(event, SagaMoved):
            told.append((event.step, event.state))

    window.counter.bus.subscribe(listen)
    accepted = window.accepted()
    assert accepted.state is DeliveryState.APPLIED
    view = window.saga(accepted.op_id)
    assert view.state is SagaState.DONE
    assert window.effects(view) == {"bank_loss": 1, "province_loss": 1}
    assert (window.social(), window.lost_at_bank()) == ("lost_formal", True)
    assert [step for step, _ in told if step][:2] == ["bank_loss", "province_loss"]
    assert told[-1] == ("", "done")
    shown = window.receipt_rows(accepted.op_id)
    bank = view.last("bank_loss")
    assert bank is not None
    assert shown["rows"][ACCOUNT] == WORDS("receipt_words.account_lost", serial=bank.idem_key)
    assert shown["rows"][WORDS("fields.id_document")] == WORDS("choices.id_document.resident_id")
    assert shown["result"] == WORDS("receipt_words.result_applied_formal_loss")
    assert not shown["offline"]
    again = window.visit()
    assert {row.code: row.refusal.code for row in again.services if row.refusal}["21"] == "CARD-LOST-FORMAL-ALREADY"
    assert window.counter.journal.run(lambda tx: tx.verify()).result().ok


def test_from_a_temporary_loss_too(window: Window) -> None:
    window.move("lost_temporary")
    assert window.accepted().state is DeliveryState.APPLIED
    assert window.social() == "lost_formal"


def test_a_bank_that_refuses_stops_it_before_anything_happened(window: Window) -> None:
    window.fault("/bank/v1", mode="refuse")
    refused = window.lose()
    assert isinstance(refused, Refusal)
    assert refused.code == "BANK-REFUSED"
    assert window.counter.desk.in_hand.review is not None
    again = window.counter.desk.in_hand.review.digest
    assert window.counter.summary().pending == 0
    assert (window.social(), window.lost_at_bank()) == ("normal", False)
    window.fault("/bank/v1")
    accepted = window.counter.desk.submit(again)
    assert isinstance(accepted, Acceptance)
    assert accepted.state is DeliveryState.APPLIED


@pytest.mark.parametrize("lost_reply", [False, True])
def test_refused_by_the_province_the_banks_loss_is_taken_back(window: Window, lost_reply: bool) -> None:
    window.visit()
    desk = window.counter.desk
    form = desk.open_form("21")
    assert isinstance(form, FormView)
    values = {field.key: field.value for field in form.fields}
    review = desk.make_review({**values, "id_document": "passport"})
    assert isinstance(review, ReviewView)
    window.move("locked")
    if lost_reply:
        window.fault("/bank/v1/releases", mode="drop_reply", count=1)
    accepted = desk.submit(review.digest)
    assert isinstance(accepted, Acceptance), accepted
    assert (accepted.state, accepted.reason) == (DeliveryState.REJECTED, "OP-STATE-MOVED")
    view = window.saga(accepted.op_id)
    assert view.state is SagaState.UNDONE
    assert window.effects(view) == {"bank_loss": 1, "bank_release": 1, "province_loss": 0}
    assert (window.social(), window.lost_at_bank()) == ("locked", False)
    shown = window.receipt_rows(accepted.op_id)
    assert shown["rows"][ACCOUNT] == WORDS("receipt_words.account_released")
    assert shown["notices"] == [WORDS("receipt_words.refused_formal_loss", bank=BANK)]
    (task,) = tasks_of(window.counter)
    assert (task.op_id, task.two_persons_on) == (accepted.op_id, "")


@pytest.mark.parametrize("door", ["/bank/v1/losses", "/v1/operations"])
def test_a_reply_that_is_lost_after_the_effect_is_asked_for(window: Window, door: str) -> None:
    window.fault(door, mode="drop_reply", count=1)
    accepted = window.accepted()
    wait_until(lambda: window.saga(accepted.op_id).state is SagaState.DONE)
    assert window.effects(window.saga(accepted.op_id)) == {"bank_loss": 1, "province_loss": 1}


def test_a_bank_that_is_away_keeps_the_clerk_waiting_no_longer_than_it_must(window: Window) -> None:
    window.fault("/bank/v1", mode="away")
    accepted = window.accepted()
    assert (accepted.state, accepted.reason) == (DeliveryState.QUEUED, "BANK-AWAY")
    shown = window.receipt_rows(accepted.op_id)
    assert shown["result"] == WORDS("receipt_words.result_pending_formal_loss")
    assert shown["rows"][ACCOUNT] == WORDS("receipt_words.account_open")
    assert window.lose() == Refusal("SAGA-UNDER-WAY")
    assert accepted.op_id not in {row.op_id for row in rows_of(window.counter)}
    window.fault("/bank/v1")
    window.counter.send_now()
    wait_until(lambda: window.saga(accepted.op_id).state is SagaState.DONE)
    assert window.effects(window.saga(accepted.op_id)) == {"bank_loss": 1, "province_loss": 1}


def test_a_province_that_goes_in_the_middle_finds_the_bank_done_when_it_is_back(window: Window) -> None:
    window.fault("/v1/operations", mode="away")
    accepted = window.accepted()
    assert accepted.state is DeliveryState.QUEUED
    assert window.lost_at_bank()
    window.fault()
    wait_until(lambda: not window.counter.drain(1) and window.saga(accepted.op_id).state is SagaState.DONE, 20)
    assert window.effects(window.saga(accepted.op_id)) == {"bank_loss": 1, "province_loss": 1}


def test_a_loss_that_the_holder_told_the_bank_before_is_never_taken_back(window: Window) -> None:
    window.tell_bank(lost=True)
    window.fault("/v1/operations", mode="away", count=1)
    accepted = window.accepted()
    window.move("cancelled")
    wait_until(lambda: not window.counter.drain(1) and window.saga(accepted.op_id).state is SagaState.UNDONE, 20)
    view = window.saga(accepted.op_id)
    assert window.effects(view) == {"bank_loss": 0, "bank_release": 0, "province_loss": 0}
    assert window.lost_at_bank()


def test_what_stands_in_its_way_is_said_before_anything_is_written(window: Window) -> None:
    before = tuple(rows_of(window.counter))
    visit = window.visit()
    desk = window.counter.desk
    form = desk.open_form("21")
    assert isinstance(form, FormView)
    values = {field.key: field.value for field in form.fields}
    (wrong,) = desk.make_review(values)  # type: ignore[misc]
    assert (wrong[0], wrong[1].code) == ("id_document", "FIELD-REQUIRED")
    service, actor = window.counter.desk._card_services, desk.in_hand.actor
    assert actor is not None
    unseen = service.submit(form.service.kind, visit, {**values, "id_document": ""}, actor).result()
    assert unseen == wrong[1]
    review = desk.make_review({**values, "id_document": "resident_id"})
    assert isinstance(review, ReviewView)
    assert any(line.new == WORDS("services.account_lost") for line in review.lines)
    window.move("sealed")
    window.visit()
    sealed = desk.open_form("21")
    assert isinstance(sealed, Refusal)
    assert sealed.code == "CARD-SEALED"
    assert [row.op_id for row in rows_of(window.counter)] == [row.op_id for row in before]


def test_what_nobody_can_tell_waits_for_two_persons_and_one_cannot_close_it(window: Window) -> None:
    window.fault("/bank/v1", mode="away")
    accepted = window.accepted()

    def asked_out() -> bool:
        window.counter.sagas.runner.kick()
        return window.saga(accepted.op_id).state is SagaState.TWO_PERSONS

    wait_until(asked_out, 20)
    (task,) = tasks_of(window.counter)
    assert (task.op_id, task.two_persons_on) == (accepted.op_id, "bank_loss")
    assert window.counter.summary().tasks == 1
    refused = window.counter.tasks.close(signed_in_actor(window.counter), accepted.op_id)
    assert isinstance(refused, Refusal)
    assert len(tasks_of(window.counter)) == 1
    desk, clerk = window.counter.tasks, signed_in_actor(window.counter)
    view = desk.prepare(clerk, accepted.op_id, Verdict.NO)
    assert isinstance(view, SettlementView)
    approval = desk.approve(clerk, view, "0102", training_password())
    assert isinstance(approval, Approval)
    assert desk.settle(clerk, view, approval) is None
    wait_until(lambda: window.saga(accepted.op_id).state is SagaState.UNDONE)
    assert window.effects(window.saga(accepted.op_id)) == {"bank_loss": 0, "province_loss": 0}
    assert [row.state for row in window.saga(accepted.op_id).steps] == [StepState.FAILED]


def test_the_other_services_are_as_before(window: Window) -> None:
    window.visit()
    assert do(window.counter, "20", reason="stolen").state is DeliveryState.APPLIED
    assert window.social() == "lost_temporary"
    assert not window.lost_at_bank()


def test_a_counter_without_the_definition_of_an_open_saga_does_not_open(
    tmp_path: Path, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    folder = Folder.make(tmp_path / "counter", province, "gen2").folder
    settings = load(folder, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    assert isinstance(journal, Journal)
    newer = NewSaga("op-1", "formal_loss", 99, "person-1", {}, "0317")
    assert journal.run(lambda tx: tx.sagas.begin(newer, 0.0)).result()
    journal.close()
    assert open_counter(settings, EventBus()) == Refusal.of("SAGA-DEFINITION-MISSING", name="formal_loss", version=99)
