"""What a restored machine asks over the wire: its own operations by pages, and the key sealed for the province."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.domain.anchor import Enrolment, EnrolmentReceipt, signed_text
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province.port import UploadBatch
from app.province.wires import ProvinceClient
from app.services.restoring import ask_province
from hardware.crypto import sm2
from tests.contract.province.conftest import BOTH_WIRES, Desk, operation

NAME = "窗口-恢复"
KEY = secrets.token_bytes(32)


def enrolled(client: ProvinceClient, device: str) -> bytes:
    """Enrol a device and return the province's public key."""
    pair = sm2.make_pair()
    bare = Enrolment(device, "first", 1, secrets.token_hex(32), pair.public.hex())
    receipt = client.enrol(replace(bare, signature=sm2.sign(pair, signed_text(bare)).hex()))
    assert isinstance(receipt, EnrolmentReceipt)
    return bytes.fromhex(receipt.province_key)


def sealed(province_key: bytes, device: str) -> str:
    return sm2.encrypt(province_key, canonical_json({"device": device, "key": KEY.hex()}).encode()).hex()


@BOTH_WIRES
def test_own_operations_come_by_pages_as_they_were_sent(client: ProvinceClient) -> None:
    assert client.own_operations("no such device", 0) == ()
    items = [replace(operation("intake", card_id=None, citizen_number=None), device_seq=n) for n in range(1, 131)]
    for start in (0, 100):
        client.upload(UploadBatch("窗口-页", "first", items[start : start + 100]))
    # Another incarnation has used the number at the end of a page, too.
    again = replace(operation("intake", card_id=None, citizen_number=None), device_seq=100)
    client.upload(UploadBatch("窗口-页", "second", [again]))
    found, after = [], 0
    while page := client.own_operations("窗口-页", after):
        assert not isinstance(page, Refusal)
        found += page
        after = page[-1].device_seq
    assert [own.device_seq for own in found] == [*range(1, 100), 100, 100, *range(101, 131)]
    by_id = {own.op_id: own for own in found}
    for item in items:
        own = by_id[item.op_id]
        assert (own.payload, own.payload_sm3, own.order_key) == (item.payload, item.payload_sm3, item.order_key)
        assert (own.incarnation, own.base_version, own.schema_ver) == ("first", item.base_version, item.schema_ver)
        assert own.occurred_at == item.occurred_at
        assert own.answer == client.operation_status(item.op_id)


def test_the_province_opens_a_key_for_the_device_that_had_it_sealed(client: ProvinceClient, desk: Desk) -> None:
    ask = ask_province(client)
    assert ask("nobody", "00" * 100) == Refusal("DEVICE-UNKNOWN")
    province_key = enrolled(client, NAME)
    enrolled(client, "another")
    assert ask(NAME, sealed(province_key, NAME)) == KEY
    assert ask("another", sealed(province_key, NAME)) == Refusal("ESCROW-FALSE")
    assert ask(NAME, sealed(sm2.make_pair().public, NAME)) == Refusal("ESCROW-FALSE")
    assert ask(NAME, sm2.encrypt(province_key, b"[1]").hex()) == Refusal("ESCROW-FALSE")
    alarms = [row["code"] for row in desk.get("/training/alarms") if row["device"] in (NAME, "another")]
    assert alarms == ["DEVICE-KEY-RELEASED", "ESCROW-FALSE", "ESCROW-FALSE", "ESCROW-FALSE"]
