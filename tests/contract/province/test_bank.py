"""The bank's wire against the running training bank: once a serial, asked by serial, and every fault a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.domain.clock import SystemClock
from app.domain.op_id import new_op_id
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.bank_client import HttpBank
from app.province.bank_port import BankAnswer, BankOutcome, LossCall, ReleaseCall
from app.province.http_client import HttpProvince
from app.province.late_bank import LateBank
from app.province.port import ProfileQuery
from app.training.process import TrainingProvince
from tests.contract.province.conftest import DEVICE, Desk


@pytest.fixture
def bank(province: TrainingProvince) -> Iterator[HttpBank]:
    made = HttpBank(province.url, DEVICE, training=True)
    yield made
    made.close()


@pytest.fixture
def calm(desk: Desk) -> Iterator[Desk]:
    yield desk
    desk.fault(path="/bank/v1")


def serial() -> str:
    return new_op_id(SystemClock().now())


def loss_of(client: HttpProvince, desk: Desk) -> LossCall:
    """Prepare a loss of an account that no other test has touched."""
    card = desk.card("normal")
    found = client.profile(ProfileQuery("test", card_id=card["card_id"]))
    assert isinstance(found, Profile)
    return LossCall(serial(), found.bank_account, found.name, found.citizen_number)


def told(answer: BankAnswer | Refusal | None) -> tuple[BankOutcome, str | None]:
    assert isinstance(answer, BankAnswer), answer
    return answer.outcome, answer.reason


def applied(desk: Desk) -> dict[str, int]:
    return {row["serial"]: row["applied"] for row in desk.get("/training/bank/ledger")}


def account(desk: Desk, call: LossCall) -> dict[str, Any]:
    return dict(desk.get(f"/training/bank/accounts/{call.account}"))


def test_a_loss_and_its_release_take_effect_once_a_serial(bank: HttpBank, client: HttpProvince, calm: Desk) -> None:
    loss = loss_of(client, calm)
    release = ReleaseCall(serial(), loss.serial, loss.account)
    assert bank.serial_status(loss.serial) is None
    first = bank.register_loss(loss)
    assert told(first) == (BankOutcome.APPLIED, None)
    assert bank.register_loss(loss) == bank.serial_status(loss.serial) == first
    assert account(calm, loss) == {"lost": True, "serial": loss.serial}
    assert told(bank.release_loss(release)) == (BankOutcome.APPLIED, None)
    assert told(bank.release_loss(release)) == (BankOutcome.APPLIED, None)
    assert account(calm, loss)["lost"] is False
    assert [applied(calm)[key] for key in (loss.serial, release.serial)] == [1, 1]


def test_a_loss_that_the_holder_told_the_bank_is_theirs(bank: HttpBank, client: HttpProvince, calm: Desk) -> None:
    loss = loss_of(client, calm)
    calm.post(f"/training/bank/accounts/{loss.account}", {"lost": True}).raise_for_status()
    assert told(bank.register_loss(loss)) == (BankOutcome.ALREADY, None)
    refused = bank.release_loss(ReleaseCall(serial(), loss.serial, loss.account))
    assert told(refused) == (BankOutcome.REFUSED, "BANK-LOSS-UNKNOWN")
    assert account(calm, loss)["lost"] is True
    assert applied(calm)[loss.serial] == 0


def test_a_loss_that_is_gone_or_another_ones_is_not_taken_back(
    bank: HttpBank, client: HttpProvince, calm: Desk
) -> None:
    loss = loss_of(client, calm)
    assert told(bank.register_loss(loss)) == (BankOutcome.APPLIED, None)
    calm.post(f"/training/bank/accounts/{loss.account}", {"lost": True}).raise_for_status()
    assert told(bank.release_loss(ReleaseCall(serial(), loss.serial, loss.account))) == (BankOutcome.ALREADY, None)
    assert account(calm, loss)["lost"] is True
    unknown = ReleaseCall(serial(), "never seen", loss.account)
    assert told(bank.release_loss(unknown)) == (BankOutcome.REFUSED, "BANK-LOSS-UNKNOWN")


def test_accounts_and_holders_that_do_not_fit_are_refused(bank: HttpBank, client: HttpProvince, calm: Desk) -> None:
    loss = loss_of(client, calm)
    for wrong, reason in (
        (replace(loss, account="6200009999999999999"), "BANK-ACCOUNT-UNKNOWN"),
        (replace(loss, holder="别人"), "BANK-HOLDER-DIFFERS"),
        (replace(loss, citizen_number="350100190001010012"), "BANK-HOLDER-DIFFERS"),
    ):
        call = replace(wrong, serial=serial())
        assert told(bank.register_loss(call)) == (BankOutcome.REFUSED, reason)
        assert told(bank.serial_status(call.serial)) == (BankOutcome.REFUSED, reason)
        assert applied(calm)[call.serial] == 0


def test_a_serial_with_other_contents_is_a_conflict(bank: HttpBank, client: HttpProvince, calm: Desk) -> None:
    loss = loss_of(client, calm)
    bank.register_loss(loss)
    other = replace(loss_of(client, calm), serial=loss.serial)
    assert told(bank.register_loss(other)) == (BankOutcome.CONFLICT, "BANK-SERIAL-USED")
    assert account(calm, other)["lost"] is False


@pytest.mark.parametrize(
    ("mode", "refusal", "took_effect"),
    [
        ("refuse", Refusal.of("BANK-REFUSED", status=403, reason="TRAINING-REFUSES"), False),
        ("http500", Refusal("BANK-BUSY"), False),
        ("busy", Refusal.of("BANK-BUSY", retry_after="1"), False),
        ("nonsense", Refusal.of("BANK-NONSENSE", field="JSON"), False),
        ("away", Refusal("BANK-AWAY"), False),
        ("drop_reply", Refusal("BANK-AWAY"), True),
    ],
)
def test_every_fault_is_a_value_and_the_serial_tells_the_truth(
    bank: HttpBank, client: HttpProvince, calm: Desk, mode: str, refusal: Refusal, took_effect: bool
) -> None:
    loss = loss_of(client, calm)
    calm.fault(mode=mode, path="/bank/v1")
    assert bank.register_loss(loss) == refusal
    assert bank.serial_status(loss.serial) == refusal
    assert not isinstance(client.clock(), Refusal)
    calm.fault(path="/bank/v1")
    status = bank.serial_status(loss.serial)
    assert (status is not None) is took_effect
    assert told(bank.register_loss(loss)) == (BankOutcome.APPLIED, None)
    assert applied(calm)[loss.serial] == 1


def test_the_provinces_faults_leave_the_bank_alone(bank: HttpBank, client: HttpProvince, calm: Desk) -> None:
    loss = loss_of(client, calm)
    calm.fault(mode="http500")
    calm.fault(mode="http500", path="/bank/v1/serials", count=1)
    assert told(bank.register_loss(loss)) == (BankOutcome.APPLIED, None)
    assert bank.serial_status(loss.serial) == Refusal("BANK-BUSY")
    assert told(bank.serial_status(loss.serial)) == (BankOutcome.APPLIED, None)
    assert client.clock() == Refusal("PROVINCE-BUSY")
    calm.fault()


def test_the_late_bank_is_made_by_its_first_call_and_needs_an_address(
    province: TrainingProvince, client: HttpProvince, calm: Desk
) -> None:
    loss = loss_of(client, calm)
    nowhere = LateBank(None, DEVICE, training=True)
    not_set = Refusal("BANK-NOT-SET")
    assert nowhere.register_loss(loss) == nowhere.serial_status(loss.serial) == not_set
    assert nowhere.release_loss(ReleaseCall(serial(), loss.serial, loss.account)) == not_set
    nowhere.close()
    late = LateBank(province.url, DEVICE, training=True)
    assert told(late.register_loss(loss)) == (BankOutcome.APPLIED, None)
    assert told(late.serial_status(loss.serial)) == (BankOutcome.APPLIED, None)
    assert told(late.release_loss(ReleaseCall(serial(), loss.serial, loss.account))) == (BankOutcome.APPLIED, None)
    late.close()
    with pytest.raises(ValueError, match="this machine"):
        LateBank("http://bank.example", DEVICE, training=True)
