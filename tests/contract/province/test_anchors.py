"""A journal anchored over HTTP at the running province: enrolment, lost replies, a restart, the check of all tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
    signed_text,
)
from app.domain.audit import Link, tag_of
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.province.http_client import HttpProvince
from app.province.port import UploadBatch
from app.province.wires import ProvinceClient
from app.training.process import TrainingProvince
from hardware.crypto import sm2
from tests.contract.province.conftest import BOTH_WIRES, Desk, operation

KEY, PAIR, SM3 = bytes(range(32)), sm2.make_pair(), b"s" * 32
NAME = "窗口 09"


def enrolment(incarnation: str) -> Enrolment:
    bare = Enrolment(NAME, incarnation, 1, KEY.hex(), PAIR.public.hex())
    return replace(bare, signature=sm2.sign(PAIR, signed_text(bare)).hex())


def anchor(incarnation: str, number: int, digest: bytes = SM3) -> Anchor:
    bare = Anchor(NAME, incarnation, number, digest.hex(), tag_of(KEY, number, digest).hex(), "2026-11-22T02:00:00Z")
    return replace(bare, signature=sm2.sign(PAIR, signed_text(bare)).hex())


def test_enrolling_again_gets_the_same_answer_and_another_key_is_refused(client: HttpProvince) -> None:
    receipt = client.enrol(enrolment("i-1"))
    assert isinstance(receipt, EnrolmentReceipt)
    province_key = bytes.fromhex(receipt.province_key)
    assert sm2.verify(province_key, signed_text(receipt), bytes.fromhex(receipt.signature))
    assert client.enrol(enrolment("i-1")) == receipt
    bare = replace(enrolment("i-1"), first_key="00" * 32)
    other = replace(bare, signature=sm2.sign(PAIR, signed_text(bare)).hex())
    assert client.enrol(other) == Refusal("DEVICE-ENROLLED")
    assert client.enrol(bare) == Refusal("ANCHOR-SIGNATURE")


def test_every_refusal_of_an_anchor_is_named(client: HttpProvince, desk: Desk) -> None:
    assert isinstance(client.enrol(enrolment("i-2")), EnrolmentReceipt)
    first = client.anchor(anchor("i-2", 5))
    assert isinstance(first, Countersigned)
    assert client.anchor(anchor("i-2", 5)) == first
    assert client.anchor(anchor("i-2", 4)) == Refusal("ANCHOR-BACKWARDS")
    assert client.anchor(anchor("i-2", 5, b"t" * 32)) == Refusal("ANCHOR-DIFFERS")
    assert client.anchor(anchor("i-0", 6)) == Refusal("ANCHOR-INCARNATION")
    assert client.anchor(replace(anchor("i-2", 6), at="later")) == Refusal("ANCHOR-SIGNATURE")
    assert client.anchor(replace(anchor("i-2", 6), device="nobody")) == Refusal("DEVICE-UNKNOWN")
    untagged = replace(anchor("i-2", 6), tag="00" * 32)
    untagged = replace(untagged, signature=sm2.sign(PAIR, signed_text(untagged)).hex())
    assert client.anchor(untagged) == Refusal("ANCHOR-TAG")
    alarms = [row["code"] for row in desk.get("/training/alarms") if row["incarnation"] in ("i-2", "i-0")]
    assert alarms[-5:] == ["ANCHOR-BACKWARDS", "ANCHOR-DIFFERS", "ANCHOR-INCARNATION", "ANCHOR-SIGNATURE", "ANCHOR-TAG"]


@pytest.mark.parametrize("change", [{"n": 0}, {"sm3": "xyz"}, {"signature": ""}, {"tag": None}])
def test_what_is_no_anchor_is_malformed(province: TrainingProvince, change: dict[str, object]) -> None:
    answer = httpx.post(f"{province.url}/v1/anchors", json={**vars(anchor("i-2", 7)), **change}, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST-MALFORMED")


@BOTH_WIRES
def test_the_last_sequence_of_each_incarnation_is_told(client: ProvinceClient) -> None:
    assert client.last_sequence("no such device") == ()
    items = [operation("intake", card_id=None, citizen_number=None) for _ in range(3)]
    client.upload(UploadBatch(NAME, "first", items[:2]))
    client.upload(UploadBatch(NAME, "second", items[2:]))
    assert client.last_sequence(NAME) == tuple(
        LastSequence(incarnation, item.device_seq, item.op_id, item.payload_sm3)
        for incarnation, item in (("first", items[1]), ("second", items[2]))
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "journal", FolderKeyStore(tmp_path / "journal", no_ring), SystemClock())
    assert isinstance(opened, Journal)
    yield opened
    opened.close()


def write(journal: Journal, rows: int) -> None:
    journal.run(lambda tx: [tx.audit("test", "0007", "done") for _ in range(rows)]).result()


def test_replies_are_lost_the_province_is_killed_and_comes_back_and_nothing_is_there_twice(
    journal: Journal, tmp_path: Path
) -> None:
    province = TrainingProvince.start(tmp_path / "province", holders=5)
    port, place, troubles = httpx.URL(province.url).port, AnchorFile(tmp_path), []
    client = HttpProvince(province.url, NAME, training=True)
    line = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
    try:
        desk = Desk(province.url, line)
        anchoring = Anchoring(journal, client, SystemClock(), NAME, (place,), troubles.append)
        write(journal, 3)
        desk.fault(mode="drop_reply", count=1, path="/v1/devices")
        anchoring.round(uploaded=True)
        assert journal.run(lambda tx: tx.anchors.first_key()).result() is not None
        desk.fault(mode="drop_reply", count=2, path="/v1/anchors")
        for _ in range(2):
            anchoring.round(uploaded=True)
        assert place.read() == ()
        province.kill()
        anchoring.round(uploaded=True)
        province = TrainingProvince.start(tmp_path / "province", port=port or 0, holders=5)
        write(journal, 2)
        anchoring.round(uploaded=True)
        assert [(kept.anchor_no, kept.n) for kept in place.read()] == [(2, 5)]
        found = journal.run(lambda tx: tx.verify(place.read())).result()
        assert (found.ok, found.anchored_rows, found.exposed_rows) == (True, 5, 0)
        assert (troubles, desk.get("/training/alarms")) == ([], [])
        rows = journal.run(lambda tx: tx.audit_links(0, 100)).result()
        page = AuditPage(NAME, journal.incarnation, 0, rows)
        assert client.check_audit(page) == AuditFinding(None, None, 5)
        spoilt = [*rows[:3], Link(4, rows[3].sm3, bytes(32)), rows[4]]
        assert client.check_audit(replace(page, rows=spoilt)) == AuditFinding(4, "AUDIT-TAG-WRONG", 5)
        assert client.check_audit(replace(page, incarnation="another")) == Refusal("DEVICE-UNKNOWN")
    finally:
        line.close()
        client.close()
        province.stop()
