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
from app.services.bank_words import bank_line
from app.services.receipt_content import ReceiptContent
from app.services.receipt_writer import ReceiptWriter
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
) -> ReceiptContent:
    values = {
        "reason": {"temporary_loss": "stolen", "intake": "exchange"}.get(kind, ""),
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
    return writer.write(operation, state, reason, visit, clerk())


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
