"""What a receipt claims: over every service, every outcome and every way the card check can have gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from app.catalogue import banks, forms, receipts, sentences, texts
from app.catalogue.receipts import Check, Ending
from app.domain.clock import Moment
from app.domain.identity import CardProof
from app.domain.operation import DeliveryState, Operation, OperationKind, canonical_json
from app.journal.saga_values import Act, SagaRow, SagaState, SagaView, StepRow, StepState
from app.services.bank_words import bank_line
from app.services.formal_loss import BANK_STEP, NO_ACCOUNT, AccountEnd
from app.services.receipt_content import ReceiptContent
from app.services.receipt_writer import ReceiptWriter
from app.services.saga_outcome import TakenState, as_delivery
from app.services.views import VisitView
from app.training import material
from tests.unit.services.people import clerk, identity, profile

WORDS = texts.load()
PROVED = CardProof(True, True, "c-1")
LOST = CardProof(True, False, "c-1", "CARD-LOSS-REGISTERED")
LOCKED = CardProof(True, False, "c-1", "CARD-LOCKED")
UNPROVED = CardProof(False, False)
SUCCESS = {
    OperationKind.TEMPORARY_LOSS: ("临时挂失即时生效", "办理解挂"),
    OperationKind.FORMAL_LOSS: ("正式挂失生效", "办理补领"),
    OperationKind.RELEASE_LOSS: ("卡已恢复正常使用", "卡已可正常使用"),
    OperationKind.INTAKE: ("已登记",),
}
NOT_IN_FORCE = {
    DeliveryState.QUEUED: "未生效",
    DeliveryState.SENDING: "未生效",
    DeliveryState.REJECTED: "省平台未受理：",
    DeliveryState.CONFLICT: "没有生效：",
}


def written(
    kind: OperationKind,
    state: DeliveryState,
    proof: CardProof = PROVED,
    offline: bool = False,
    reason: str | None = None,
    line: str | None = "95588",
    saga: SagaView | None = None,
) -> ReceiptContent:
    values = {
        "reason": {"temporary_loss": "stolen", "formal_loss": "lost", "intake": "exchange"}.get(kind, ""),
        **({"id_document": "passport"} if kind is OperationKind.FORMAL_LOSS else {}),
        "contact_phone": "13900000001",
        "check_id": proof.check_id,
        "check_usable": proof.checked,
        "check_reason": proof.reason,
        "offline": offline,
    }
    occurred = Moment(datetime(2026, 11, 22, 2, tzinfo=UTC), 1.0, "boot")
    operation = Operation("op", kind, "ref", canonical_json(values), occurred, "0317", "350102-1", 7)
    visit = VisitView(identity(proof), None if offline else profile(), offline, (), None, bank_line=line)
    writer = ReceiptWriter(receipts.load(), forms.load(), WORDS, sentences.load(), "鼓楼大厅", True)
    return writer.write(operation, TakenState(state, reason, saga), visit, clerk())


def said(content: ReceiptContent) -> str:
    return "\n".join((content.result, *content.notices, *(value for _, value in content.rows)))


def check_of(content: ReceiptContent) -> str:
    return dict(content.rows)["卡鉴权"]


@pytest.mark.parametrize(
    ("kind", "state", "proof", "offline"),
    list(product(OperationKind, DeliveryState, (PROVED, LOST, LOCKED, UNPROVED), (False, True))),
)
def test_success_is_claimed_only_where_the_province_applied_it(
    kind: OperationKind, state: DeliveryState, proof: CardProof, offline: bool
) -> None:
    reason = "OP-REPLACEMENT-OPEN" if state in (DeliveryState.REJECTED, DeliveryState.CONFLICT) else None
    content = written(kind, state, proof, offline, reason)
    applied = state is DeliveryState.APPLIED
    claims = [words in said(content) for words in SUCCESS[kind]]
    assert claims == [applied] * len(claims)
    assert (NOT_IN_FORCE.get(state, "已") in content.result) or applied
    waiting = state in (DeliveryState.QUEUED, DeliveryState.SENDING)
    assert (content.offline, content.pending) == (waiting and offline, waiting and not offline)
    assert ("补换卡正在办理中" in content.result) == (reason is not None)
    assert ("省平台未连接" in said(content)) == offline
    assert ("已通过" in said(content)) == (proof is PROVED and not offline)


@pytest.mark.parametrize(
    ("proof", "offline", "words"),
    [
        (PROVED, False, "已通过"),
        (LOST, False, "已查询，卡在挂失中"),
        (LOCKED, False, "已查询，未通过"),
        (UNPROVED, False, "未做"),
        (PROVED, True, "未做（省平台未连接；断开前读卡时查过）"),
        (UNPROVED, True, "未做（省平台未连接）"),
    ],
)
def test_the_card_check_is_told_as_it_went(proof: CardProof, offline: bool, words: str) -> None:
    assert check_of(written(OperationKind.RELEASE_LOSS, DeliveryState.APPLIED, proof, offline)) == words


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.REJECTED, DeliveryState.CONFLICT])
@pytest.mark.parametrize("offline", [False, True])
def test_a_loss_that_is_not_in_force_names_both_lines(state: DeliveryState, offline: bool) -> None:
    told = said(written(OperationKind.TEMPORARY_LOSS, state, offline=offline, reason="OP-TOO-OLD"))
    assert "12333 和发卡银行 95588，口头挂失" in told
    unknown = written(OperationKind.TEMPORARY_LOSS, state, offline=offline, reason="OP-TOO-OLD", line=None)
    assert "12333 和卡背面的发卡银行客服电话，口头挂失" in said(unknown)
    assert unknown.bank_line is None


def test_what_the_clerk_entered_stands_on_the_paper_masked() -> None:
    loss = dict(written(OperationKind.TEMPORARY_LOSS, DeliveryState.APPLIED).rows)
    assert (loss["挂失原因"], loss["联系电话"]) == ("被盗", "139****0001")
    assert dict(written(OperationKind.INTAKE, DeliveryState.APPLIED).rows)["申请办理"] == "换领"
    assert set(dict(written(OperationKind.RELEASE_LOSS, DeliveryState.APPLIED).rows)) == {"卡号", "卡鉴权"}
    assert dict(written(OperationKind.FORMAL_LOSS, DeliveryState.APPLIED).rows)["已核验的身份证件"] == "护照"


def saga_of(state: SagaState, *rows: StepRow) -> SagaView:
    started = datetime(2026, 11, 22, 2, tzinfo=UTC)
    return SagaView(SagaRow("op", "formal_loss", 1, "ref", state, {}, "0317", started), rows)


def bank_row(state: StepState, **evidence: str) -> StepRow:
    return StepRow(0, Act.DO, 1, state, "serial-1", evidence=evidence, step=BANK_STEP)


REFUSED_ROW = StepRow(1, Act.DO, 1, StepState.FAILED, "op", evidence={"code": "OP-STATE-MOVED"}, step="province_loss")


@pytest.mark.parametrize(
    ("saga", "words"),
    [
        (saga_of(SagaState.DONE, bank_row(StepState.DONE)), "已挂失，流水号 serial-1"),
        (saga_of(SagaState.DONE, bank_row(StepState.DONE, account=NO_ACCOUNT)), "卡上没有银行账户"),
        (saga_of(SagaState.RUNNING), "挂失结果待银行确认"),
        (saga_of(SagaState.RUNNING, bank_row(StepState.UNKNOWN)), "挂失结果待银行确认"),
        (saga_of(SagaState.UNDOING, bank_row(StepState.DONE), REFUSED_ROW), "正在解除挂失"),
        (saga_of(SagaState.UNDONE, bank_row(StepState.COMPENSATED), REFUSED_ROW), "挂失已解除，账户恢复原状"),
        (saga_of(SagaState.UNDONE, bank_row(StepState.FAILED, code="BANK-REFUSED")), "没有挂失"),
    ],
)
def test_the_account_is_told_as_the_saga_left_it(saga: SagaView, words: str) -> None:
    state, reason = as_delivery(saga)
    content = written(OperationKind.FORMAL_LOSS, state, reason=reason, saga=saga)
    assert dict(content.rows)["银行账户"] == words
    assert ("正式挂失生效" in content.result) == (saga.state is SagaState.DONE)


def test_every_end_of_an_account_has_its_words() -> None:
    for language in ("zh_CN", "en"):
        assert all(f"receipt_words.account_{end}" in texts.load(language).entries for end in AccountEnd)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_text_that_the_table_names_is_there(language: str) -> None:
    table, words, filled = receipts.load(), texts.load(language), {"bank": "B", "reason": "R"}
    for row in (rows[ending] for rows in table.endings.values() for ending in Ending):
        assert all(words(key, **filled) for key in (row.result, *row.notices))
    assert {words(key) for key in (*table.checks.values(), *table.check_reasons.values())}
    assert table.checks.keys() == set(Check)


@pytest.mark.parametrize(
    ("line", "name", "found"),
    [
        ("95588", "任何银行", "95588"),
        ("  ", "中国建设银行福州城东支行", "95533"),
        ("", "中国银行福州仓山支行", "95566"),
        ("", "海峡村镇银行", None),
        ("", "", None),
    ],
)
def test_a_bank_is_known_by_the_province_or_by_its_name(line: str, name: str, found: str | None) -> None:
    assert bank_line(replace(profile(), bank_line=line, bank_name=name), banks.load()) == found


def test_training_banks_have_their_public_lines() -> None:
    for bank in material.load().banks:
        assert banks.load().line(bank.name) == bank.line
